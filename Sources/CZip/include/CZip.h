/* The sole mention of libzip. Its functions are those of zip.c, which finds the library at run time. */
#ifndef MGF_CZIP_H
#define MGF_CZIP_H
#include <zip.h>
#endif
