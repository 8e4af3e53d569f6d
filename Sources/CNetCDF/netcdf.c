/*
 The functions of NetCDF that this package calls, each handed on to the library, which is opened at the first call.

 Not linked, for two reasons: the library's file is named differently in each Debian (libnetcdf.so.19, .22), though these
 functions are the same, so that one binary runs with either; and it brings 40 libraries along, which a run that touches
 no NetCDF file does not need.

 The prototypes are those of <netcdf.h>; the compiler refuses any that differ. A function that is not listed here does not
 link. Where the library is missing, every call returns NC_ENOTBUILT, and nc_strerror says what to install.
*/
#include "CNetCDF.h"
#include <dlfcn.h>
#include <stddef.h>

static void *library(void) {
  /* Two threads may both come first: opening twice is harmless. */
  static _Atomic(void *) handle = NULL;
  void *found = handle;
  if (found == NULL) {
#ifdef __APPLE__
    static const char *const names[] = {"libnetcdf.dylib"};
#else
    static const char *const names[] = {"libnetcdf.so.22", "libnetcdf.so.19", "libnetcdf.so"};
#endif
    for (size_t k = 0; found == NULL && k < sizeof names / sizeof *names; k++) found = dlopen(names[k], RTLD_NOW | RTLD_LOCAL);
    handle = found;
  }
  return found;
}

/* The function of that name in the library; NULL without one. */
static void *find(const char *name) {
  void *handle = library();
  return handle != NULL ? dlsym(handle, name) : NULL;
}

#define FORWARD(name, parameters, arguments)                 \
  int name parameters {                                      \
    static _Atomic(void *) known = NULL;                     \
    if (known == NULL) known = find(#name);                  \
    int(*function) parameters = (int(*) parameters)known;    \
    if (function == NULL) return NC_ENOTBUILT;               \
    return function arguments;                               \
  }

const char *nc_strerror(int code) {
  const char *(*function)(int) = (const char *(*)(int))find("nc_strerror");
  return function != NULL ? function(code) : "the NetCDF library is not installed (Debian's package netcdf-bin brings it)";
}

const char *nc_inq_libvers(void) {
  const char *(*function)(void) = (const char *(*)(void))find("nc_inq_libvers");
  return function != NULL ? function() : "none";
}

/* Files */
FORWARD(nc_open, (const char *path, int mode, int *file), (path, mode, file))
FORWARD(nc_open_mem, (const char *path, int mode, size_t size, void *memory, int *file), (path, mode, size, memory, file))
FORWARD(nc_create_mem, (const char *path, int mode, size_t size, int *file), (path, mode, size, file))
FORWARD(nc_close_memio, (int file, NC_memio *image), (file, image))
FORWARD(nc_close, (int file), (file))
FORWARD(nc_abort, (int file), (file))
FORWARD(nc_enddef, (int file), (file))
FORWARD(nc_inq, (int file, int *dimensions, int *variables, int *attributes, int *unlimited),
        (file, dimensions, variables, attributes, unlimited))
FORWARD(nc_inq_ndims, (int file, int *count), (file, count))
FORWARD(nc_inq_nvars, (int file, int *count), (file, count))
FORWARD(nc_inq_natts, (int file, int *count), (file, count))
FORWARD(nc_inq_format, (int file, int *format), (file, format))
FORWARD(nc_inq_grps, (int file, int *count, int *groups), (file, count, groups))
FORWARD(nc_inq_grpname, (int file, char *name), (file, name))

/* Dimensions */
FORWARD(nc_def_dim, (int file, const char *name, size_t length, int *id), (file, name, length, id))
FORWARD(nc_inq_dim, (int file, int id, char *name, size_t *length), (file, id, name, length))
FORWARD(nc_inq_dimid, (int file, const char *name, int *id), (file, name, id))
FORWARD(nc_inq_dimname, (int file, int id, char *name), (file, id, name))
FORWARD(nc_inq_dimlen, (int file, int id, size_t *length), (file, id, length))
FORWARD(nc_inq_unlimdim, (int file, int *id), (file, id))
FORWARD(nc_inq_unlimdims, (int file, int *count, int *ids), (file, count, ids))

/* Variables */
FORWARD(nc_def_var, (int file, const char *name, nc_type type, int count, const int *dimensions, int *id),
        (file, name, type, count, dimensions, id))
FORWARD(nc_def_var_deflate, (int file, int id, int shuffle, int deflate, int level), (file, id, shuffle, deflate, level))
FORWARD(nc_def_var_chunking, (int file, int id, int storage, const size_t *sizes), (file, id, storage, sizes))
FORWARD(nc_def_var_fill, (int file, int id, int without, const void *value), (file, id, without, value))
FORWARD(nc_inq_var, (int file, int id, char *name, nc_type *type, int *count, int *dimensions, int *attributes),
        (file, id, name, type, count, dimensions, attributes))
FORWARD(nc_inq_varid, (int file, const char *name, int *id), (file, name, id))
FORWARD(nc_inq_varname, (int file, int id, char *name), (file, id, name))
FORWARD(nc_inq_vartype, (int file, int id, nc_type *type), (file, id, type))
FORWARD(nc_inq_varndims, (int file, int id, int *count), (file, id, count))
FORWARD(nc_inq_vardimid, (int file, int id, int *dimensions), (file, id, dimensions))
FORWARD(nc_inq_varnatts, (int file, int id, int *count), (file, id, count))
FORWARD(nc_inq_var_fill, (int file, int id, int *without, void *value), (file, id, without, value))
FORWARD(nc_inq_var_chunking, (int file, int id, int *storage, size_t *sizes), (file, id, storage, sizes))
FORWARD(nc_inq_var_deflate, (int file, int id, int *shuffle, int *deflate, int *level), (file, id, shuffle, deflate, level))
FORWARD(nc_set_var_chunk_cache, (int file, int id, size_t size, size_t count, float preemption),
        (file, id, size, count, preemption))
FORWARD(nc_inq_type, (int file, nc_type type, char *name, size_t *size), (file, type, name, size))
FORWARD(nc_inq_user_type,
        (int file, nc_type type, char *name, size_t *size, nc_type *base, size_t *fields, int *kind),
        (file, type, name, size, base, fields, kind))
FORWARD(nc_free_string, (size_t count, char **strings), (count, strings))

/* Attributes */
FORWARD(nc_inq_att, (int file, int id, const char *name, nc_type *type, size_t *length), (file, id, name, type, length))
FORWARD(nc_inq_attid, (int file, int id, const char *name, int *number), (file, id, name, number))
FORWARD(nc_inq_attname, (int file, int id, int number, char *name), (file, id, number, name))
FORWARD(nc_inq_atttype, (int file, int id, const char *name, nc_type *type), (file, id, name, type))
FORWARD(nc_inq_attlen, (int file, int id, const char *name, size_t *length), (file, id, name, length))
FORWARD(nc_get_att, (int file, int id, const char *name, void *value), (file, id, name, value))

/* Values of each type: attributes, whole variables, parts of them. */
#define VALUES(suffix, type)                                                                                            \
  FORWARD(nc_get_att_##suffix, (int file, int id, const char *name, type *value), (file, id, name, value))              \
  FORWARD(nc_put_att_##suffix, (int file, int id, const char *name, nc_type kind, size_t count, const type *values),    \
          (file, id, name, kind, count, values))                                                                        \
  FORWARD(nc_get_var_##suffix, (int file, int id, type *values), (file, id, values))                                    \
  FORWARD(nc_put_var_##suffix, (int file, int id, const type *values), (file, id, values))                              \
  FORWARD(nc_get_vara_##suffix, (int file, int id, const size_t *start, const size_t *count, type *values),             \
          (file, id, start, count, values))                                                                             \
  FORWARD(nc_put_vara_##suffix, (int file, int id, const size_t *start, const size_t *count, const type *values),       \
          (file, id, start, count, values))

VALUES(schar, signed char)
VALUES(uchar, unsigned char)
VALUES(short, short)
VALUES(ushort, unsigned short)
VALUES(int, int)
VALUES(uint, unsigned int)
VALUES(longlong, long long)
VALUES(ulonglong, unsigned long long)
VALUES(float, float)
VALUES(double, double)

FORWARD(nc_put_att_text, (int file, int id, const char *name, size_t length, const char *text),
        (file, id, name, length, text))
FORWARD(nc_get_att_text, (int file, int id, const char *name, char *text), (file, id, name, text))
FORWARD(nc_get_att_string, (int file, int id, const char *name, char **strings), (file, id, name, strings))
FORWARD(nc_put_var_text, (int file, int id, const char *text), (file, id, text))
FORWARD(nc_get_var_string, (int file, int id, char **strings), (file, id, strings))
FORWARD(nc_put_var_string, (int file, int id, const char **strings), (file, id, strings))
FORWARD(nc_get_var, (int file, int id, void *values), (file, id, values))
FORWARD(nc_get_vara, (int file, int id, const size_t *start, const size_t *count, void *values),
        (file, id, start, count, values))
