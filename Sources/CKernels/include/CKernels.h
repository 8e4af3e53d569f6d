/* The few hot loops that need the C compiler's vectoriser. All arrays are C arrays of double, matrices row-major.
   The plain-Swift twin used as the reference in tests is Tests/TestSupport/NaiveGradient.swift. */
#ifndef MGF_CKERNELS_H
#define MGF_CKERNELS_H

#include <stddef.h>

/* One pass over X: r = X theta - y, and, while the rows are still in cache, g = scale * X^T r.
   x: n_total x d; y: n_total or NULL (zero); rows: the n rows to use, or NULL for 0..n-1; theta: d; r: n (in the order
   of rows); g: d, or NULL for the residual alone. The order of summation depends on (n, d) only. */
void mgf_residual_gradient(const double *x, const double *y, const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d,
                           const double *theta, double scale, double *r, double *g);

#endif
