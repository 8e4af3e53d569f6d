/*
 The functions of libzip that this package calls, each handed on to the library, which is opened at the first call: its file is
 named differently in each Debian (libzip.so.4, .5), though these functions are the same. Debian's NetCDF brings it along.

 The prototypes are those of <zip.h>. A function that is not listed here does not link. Where the library is missing, zip_open
 fails with ZIP_ER_OPNOTSUPP; the others are called with what it returned.
*/
#include "CZip.h"
#include <dlfcn.h>
#include <stddef.h>

/* The function of that name in the library; NULL without one. Opening twice is harmless. */
static void *find(const char *name) {
#ifdef __APPLE__
  static const char *const names[] = {"libzip.dylib"};
#else
  static const char *const names[] = {"libzip.so.5", "libzip.so.4", "libzip.so"};
#endif
  void *library = NULL;
  for (size_t k = 0; library == NULL && k < sizeof names / sizeof *names; k++) library = dlopen(names[k], RTLD_NOW | RTLD_LOCAL);
  return library != NULL ? dlsym(library, name) : NULL;
}

/* One lookup for each function, whatever the number of threads. */
#define FIND(name)                                                      \
  static _Atomic(void *) known = NULL;                                  \
  if (known == NULL) known = find(#name);                               \
  __typeof__(&name) function = (__typeof__(&name))known

#define FORWARD(result, name, parameters, arguments, otherwise)         \
  result name parameters {                                              \
    FIND(name);                                                         \
    if (function == NULL) return otherwise;                             \
    return function arguments;                                          \
  }

zip_t *zip_open(const char *path, int flags, int *error) {
  FIND(zip_open);
  if (function != NULL) return function(path, flags, error);
  if (error != NULL) *error = ZIP_ER_OPNOTSUPP;
  return NULL;
}

void zip_discard(zip_t *archive) {
  FIND(zip_discard);
  if (function != NULL) function(archive);
}

void zip_error_init_with_code(zip_error_t *error, int code) {
  FIND(zip_error_init_with_code);
  if (function != NULL) function(error, code);
}

void zip_error_fini(zip_error_t *error) {
  FIND(zip_error_fini);
  if (function != NULL) function(error);
}

FORWARD(const char *, zip_error_strerror, (zip_error_t *error), (error),
        "libzip is not installed (Debian's package netcdf-bin brings it)")
FORWARD(const char *, zip_strerror, (zip_t *archive), (archive), "")
FORWARD(const char *, zip_file_strerror, (zip_file_t *file), (file), "")
FORWARD(zip_int64_t, zip_get_num_entries, (zip_t *archive, zip_flags_t flags), (archive, flags), -1)
FORWARD(const char *, zip_get_name, (zip_t *archive, zip_uint64_t index, zip_flags_t flags), (archive, index, flags), NULL)
FORWARD(int, zip_stat_index, (zip_t *archive, zip_uint64_t index, zip_flags_t flags, zip_stat_t *status),
        (archive, index, flags, status), -1)
FORWARD(zip_file_t *, zip_fopen_index, (zip_t *archive, zip_uint64_t index, zip_flags_t flags), (archive, index, flags), NULL)
FORWARD(zip_int64_t, zip_fread, (zip_file_t *file, void *bytes, zip_uint64_t count), (file, bytes, count), -1)
FORWARD(int, zip_fclose, (zip_file_t *file), (file), ZIP_ER_OPNOTSUPP)
