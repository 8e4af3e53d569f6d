#include "CKernels.h"
#if defined(__x86_64__) && defined(__linux__)
#define MGF_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MGF_CLONES
#endif
MGF_CLONES
void mgf_gradient(const double *x, const double *xt, const double *y, const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d,
                  const double *theta, double scale, double *r, double *g) {
  (void)xt;
  const ptrdiff_t w = mgf_padded(d);
  if (g) for (ptrdiff_t j = 0; j < w; j++) g[j] = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    const double *restrict a = x + (rows ? rows[i] : i) * w;
    double s = 0;
    {
#pragma clang fp reassociate(on)
      for (ptrdiff_t j = 0; j < w; j++) s += a[j] * theta[j];
    }
    r[i] = s -= y ? y[rows ? rows[i] : i] : 0;
    s *= scale;
    if (g) for (ptrdiff_t j = 0; j < w; j++) g[j] += s * a[j];
  }
}
void mgf_gradient_pair(const double *x, const double *xt, const double *y, ptrdiff_t n, ptrdiff_t d,
                       const double *theta_a, const double *theta_b, double scale,
                       double *r_a, double *r_b, double *g_a, double *g_b) {
  mgf_gradient(x, xt, y, 0, n, d, theta_a, scale, r_a, g_a);
  mgf_gradient(x, xt, 0, 0, n, d, theta_b, scale, r_b, g_b);
}
