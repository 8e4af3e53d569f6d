/* The sole mention of GLPK. */
#ifndef MGF_CGLPK_SHIM_H
#define MGF_CGLPK_SHIM_H

#include <glpk.h>

#endif
