/* The sole mention of libzip. */
#ifndef MGF_CZIP_SHIM_H
#define MGF_CZIP_SHIM_H
#include <zip.h>
#endif
