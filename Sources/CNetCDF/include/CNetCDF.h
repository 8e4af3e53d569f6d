/* The sole mention of the NetCDF C library. Its functions are those of netcdf.c, which finds the library at run time. */
#ifndef MGF_CNETCDF_H
#define MGF_CNETCDF_H
#include <netcdf.h>
#include <netcdf_mem.h>
#endif
