#include "CKernels.h"
#include "dispatch.h"

/* Entries: of X and X^T together, up to which both stay in the first cache; of X, from which on it lies in memory and is
   fetched ahead; of a row, above which two tiles of 8 rows do not fit into the second cache. */
#define MGF_INNERMOST 3072
#define MGF_CACHED (1 << 21)
#define MGF_WIDE 8192

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define NAME(f) f##_v4
#define W 8
#define SUMS 8
#define TILE 10
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#include "gradient_lanes.h"
#include "descent_lanes.h"
#include "end_lanes.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(f) f##_v3
#define W 4
#define SUMS 6
#define TILE 6
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#include "gradient_lanes.h"
#include "descent_lanes.h"
#include "end_lanes.h"
#pragma clang attribute pop

#endif

#define NAME(f) f##_base
#define W 2
#ifdef __x86_64__
#define SUMS 6
#define TILE 2
#else
#define SUMS 8
#define TILE 6
#endif
#define EVEN 0, 2
#define ODD 1, 3
#include "gradient_lanes.h"
#include "descent_lanes.h"
#include "end_lanes.h"

void mgf_gradient(const double *x, ptrdiff_t stride, const double *xt, const double *y, const ptrdiff_t *rows,
                  ptrdiff_t n, ptrdiff_t d, const double *theta, double scale, double *r, double *g) {
  MGF_CALL(gradient, x, stride, xt, y, rows, n, d, theta, scale, r, g);
}

void mgf_gradient_pair(const double *x, ptrdiff_t stride, const double *xt, const double *y, ptrdiff_t n, ptrdiff_t d,
                       const double *theta_a, const double *theta_b, double scale, double *r_a, double *r_b,
                       double *g_a, double *g_b) {
  MGF_CALL(gradient_pair, x, stride, xt, y, n, d, theta_a, theta_b, scale, r_a, r_b, g_a, g_b);
}

void mgf_sweep(const double *x, const double *next, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t width,
               ptrdiff_t next_width, const double *theta_a, const double *theta_b, const double *r_a,
               const double *r_b, double scale, double *sums_a, double *sums_b, double *g_a, double *g_b) {
  MGF_CALL(sweep, x, next, stride, n, width, next_width, theta_a, theta_b, r_a, r_b, scale, sums_a, sums_b, g_a, g_b);
}

ptrdiff_t mgf_descend(const double *x, ptrdiff_t stride, const double *xt, const double *y, const ptrdiff_t *rows,
                      ptrdiff_t n, ptrdiff_t d, ptrdiff_t width, const double *settings, int nesterov,
                      ptrdiff_t iterations, double *state, ptrdiff_t parity, double *carry, double *scratch) {
  ptrdiff_t done;
  MGF_CALL(done = descend, x, stride, xt, y, rows, n, d, width, settings, nesterov, iterations, state, parity, carry, scratch);
  return done;
}

ptrdiff_t mgf_batch_tile(void) {
#if defined(__x86_64__)
  switch (mgf_instruction_level()) {
    case 2: return 10;
    case 1: return 6;
    default: return 2;
  }
#else
  return 6;
#endif
}

void mgf_batch(const double *rows, const double *columns, const double *y, const double *shares, ptrdiff_t n,
               ptrdiff_t d, const double *settings, int nesterov, ptrdiff_t iterations, double *state, double *theta,
               double *r) {
  MGF_CALL(batch, rows, columns, y, shares, n, d, settings, nesterov, iterations, state, theta, r);
}

void mgf_batch_look(const double *rows, const double *y, ptrdiff_t n, ptrdiff_t d, const double *state, double *theta,
                    double *r, double *sums) {
  MGF_CALL(batch_look, rows, y, n, d, state, theta, r, sums);
}
