/* The sole mention of GSL. Only headers that do not pull in gsl_cblas.h are included: libgslcblas exports the same
   cblas_* symbols as OpenBLAS and must not win over it; "link gsl" alone leaves cblas_* to OpenBLAS. */
#ifndef MGF_CGSL_SHIM_H
#define MGF_CGSL_SHIM_H

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_version.h>

/* The scheme objects are mutable globals in C, which strict concurrency rejects; these accessors read them. */
static inline const gsl_odeiv2_step_type *mgf_gsl_rkf45(void) { return gsl_odeiv2_step_rkf45; }
static inline const gsl_odeiv2_step_type *mgf_gsl_rkck(void) { return gsl_odeiv2_step_rkck; }
static inline const gsl_odeiv2_step_type *mgf_gsl_rk8pd(void) { return gsl_odeiv2_step_rk8pd; }
static inline const gsl_odeiv2_step_type *mgf_gsl_msadams(void) { return gsl_odeiv2_step_msadams; }
static inline const gsl_odeiv2_step_type *mgf_gsl_msbdf(void) { return gsl_odeiv2_step_msbdf; }
static inline const gsl_odeiv2_step_type *mgf_gsl_bsimp(void) { return gsl_odeiv2_step_bsimp; }
static inline const char *mgf_gsl_version(void) { return gsl_version; }

#endif
