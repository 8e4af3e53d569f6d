#include "CKernels.h"

/* One source, three instruction sets, chosen by the loader: no compiler flags, so the package stays usable as a
   dependency. The clones differ in their last digits (fused multiply-add, width of the partial sums). */
#if defined(__x86_64__) && defined(__linux__)
#define MGF_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MGF_CLONES
#endif

static const double *row_of(const double *x, const ptrdiff_t *rows, ptrdiff_t i, ptrdiff_t d) {
  return x + (rows ? rows[i] : i) * d;
}

static double target_of(const double *y, const ptrdiff_t *rows, ptrdiff_t i) {
  return y ? y[rows ? rows[i] : i] : 0.0;
}

MGF_CLONES
void mgf_residual_gradient(const double *x, const double *y, const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d,
                           const double *theta, double scale, double *r, double *g) {
  if (g)
    for (ptrdiff_t j = 0; j < d; j++) g[j] = 0.0;
  ptrdiff_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const double *restrict a = row_of(x, rows, i, d), *restrict b = row_of(x, rows, i + 1, d);
    const double *restrict c = row_of(x, rows, i + 2, d), *restrict e = row_of(x, rows, i + 3, d);
    double sa = 0, sb = 0, sc = 0, se = 0;
    {
#pragma clang fp reassociate(on)
      for (ptrdiff_t j = 0; j < d; j++) {
        const double q = theta[j];
        sa += a[j] * q;
        sb += b[j] * q;
        sc += c[j] * q;
        se += e[j] * q;
      }
    }
    r[i] = sa -= target_of(y, rows, i);
    r[i + 1] = sb -= target_of(y, rows, i + 1);
    r[i + 2] = sc -= target_of(y, rows, i + 2);
    r[i + 3] = se -= target_of(y, rows, i + 3);
    if (g) {
      double *restrict out = g;
      for (ptrdiff_t j = 0; j < d; j++) out[j] += (sa * a[j] + sb * b[j]) + (sc * c[j] + se * e[j]);
    }
  }
  for (; i < n; i++) {
    const double *restrict a = row_of(x, rows, i, d);
    double sa = 0;
    {
#pragma clang fp reassociate(on)
      for (ptrdiff_t j = 0; j < d; j++) sa += a[j] * theta[j];
    }
    r[i] = sa -= target_of(y, rows, i);
    if (g) {
      double *restrict out = g;
      for (ptrdiff_t j = 0; j < d; j++) out[j] += sa * a[j];
    }
  }
  if (g)
    for (ptrdiff_t j = 0; j < d; j++) g[j] *= scale;
}
