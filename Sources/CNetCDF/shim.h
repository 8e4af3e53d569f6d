/* The sole mention of the NetCDF C library. */
#ifndef MGF_CNETCDF_SHIM_H
#define MGF_CNETCDF_SHIM_H
#include <netcdf.h>
#include <netcdf_mem.h>
#endif
