/* The few hot loops that need the C compiler's vectoriser. All arrays are C arrays of double, matrices row-major.
   The plain-Swift twins used as the reference in tests are in Tests/TestSupport. */
#ifndef MGF_CKERNELS_H
#define MGF_CKERNELS_H

#include <stddef.h>

/* Which variant of the kernels runs: 2 AVX-512, 1 AVX2, 0 the compiler's baseline. The best that the processor has, or less
   by the environment's MGF_INSTRUCTIONS = avx2 | baseline. */
int mgf_instruction_level(void);

/* Doubles in a packed row of d entries: d rounded up to a multiple of 8. */
static inline ptrdiff_t mgf_padded(ptrdiff_t d) { return (d + 7) & ~(ptrdiff_t)7; }

/* One pass over X: r = X theta - y and, while rows are still in cache, g = scale * X^T r.
   x: n_total rows, `stride` doubles from one to the next, of mgf_padded(d) doubles that can be read: what stands beyond
   d in a row must be finite, and does not count. Rows need no alignment.
   xt: NULL, or X^T (d rows of mgf_padded(n) doubles, padded with zeros, 64-byte aligned, as X then is): given only for
   small matrices, used only when rows == NULL. y: n_total, or NULL for zero. rows: n indices of the rows to use (minibatch), or NULL for 0 ... n-1.
   theta: mgf_padded(d) doubles, aligned, padding zero. r: mgf_padded(n), aligned. g: mgf_padded(d), aligned (its padding
   is written as zero), or NULL for the residual only. The order of summation depends on n, d, whether xt is given, the
   number of right-hand sides and the instruction set only. */
void mgf_gradient(const double *x, ptrdiff_t stride, const double *xt, const double *y, const ptrdiff_t *rows,
                  ptrdiff_t n, ptrdiff_t d, const double *theta, double scale, double *r, double *g);

/* The same for two right-hand sides at once, one sweep over X; y belongs to the first alone; both g's are NULL for the residuals only. */
void mgf_gradient_pair(const double *x, ptrdiff_t stride, const double *xt, const double *y, ptrdiff_t n, ptrdiff_t d,
                       const double *theta_a, const double *theta_b, double scale, double *r_a, double *r_b,
                       double *g_a, double *g_b);

/* A step through the columns of a wide X: sums += X_P theta_P for a panel P of `width` columns beginning at x, and
   g = scale * X_Q^T r for the panel Q of `next_width` columns beginning at next. Widths are multiples of 8, or 0 for none;
   a panel's rows are to be near enough to be read twice. Two right-hand sides, or one when sums_b is NULL. */
void mgf_sweep(const double *x, const double *next, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t width,
               ptrdiff_t next_width, const double *theta_a, const double *theta_b, const double *r_a,
               const double *r_b, double scale, double *sums_a, double *sums_b, double *g_a, double *g_b);

/* Heavy ball (nesterov 0) or Nesterov for one trajectory, at most `iterations` of them: w' = w - gamma f + beta (w - w_before)
   with f = (g, -g) w at w, or at w + beta (w - w_before). settings: gamma, beta, step. state: two iterates in turn, each
   w+ | w- | increment+ | increment- of width doubles (mgf_padded(d), or more when x is NULL and
   all pointers are to some of the columns); the one numbered `parity` is the current one on entry,
   (parity + number returned) & 1 on return. carry (3 width): rounding left out of w+ and w-; step * (sum of g) is
   added to what follows. scratch: 2 width + mgf_padded(n). Returns early, after an iteration in which a weight changed
   its sign or grew beyond 1e100 (or is no number); the number of iterations done. With rows (a minibatch), or with x NULL (the
   gradient being given in scratch + width): one iteration.
   Aligned and padded with zeros, all of them. */
ptrdiff_t mgf_descend(const double *x, ptrdiff_t stride, const double *xt, const double *y, const ptrdiff_t *rows,
                      ptrdiff_t n, ptrdiff_t d, ptrdiff_t width, const double *settings, int nesterov,
                      ptrdiff_t iterations, double *state, ptrdiff_t parity, double *carry, double *scratch);

/* The same for eight trajectories side by side, each with settings of its own; lanes never touch each other.
   T = mgf_batch_tile(); n and d are padded to multiples of T with zeros. rows: tiles of T rows of X, [tile][feature][T];
   columns: tiles of T features, [tile][sample][T]. y: n; shares: NULL, or n x 8 factors of the residuals (minibatches).
   settings: 8 gammas, 8 betas, 8 steps, gamma and step divided by the number of samples. state: d x
   MGF_BATCH_PARTS x 8: w+ | w- | increments | carries | step * (sum of g). theta: d x 8, r: n x 8. */
#define MGF_BATCH_PARTS 7
ptrdiff_t mgf_batch_tile(void);
void mgf_batch(const double *rows, const double *columns, const double *y, const double *shares, ptrdiff_t n,
               ptrdiff_t d, const double *settings, int nesterov, ptrdiff_t iterations, double *state, double *theta,
               double *r);

/* sums: of squared residuals, the largest residual, of squared increments, the largest weight, eight each. */
void mgf_batch_look(const double *rows, const double *y, ptrdiff_t n, ptrdiff_t d, const double *state, double *theta,
                    double *r, double *sums);

/* Jets: the Taylor coefficients of w+, w- and g for blocks of 8 features, c_k = unit^k times the k-th derivative over k!.
   Layout: block by block, order by order, w+ (8) | w- (8) | g (8): a block's whole jet stays in the innermost cache.
   `blocks` = mgf_padded(d) / 8; a jet holds blocks * (degree + 1) * MGF_JET_WIDTH doubles, 64-byte aligned, as every
   other array here is. Padding lanes are zero. */
#define MGF_JET_WIDTH 24
#define MGF_JET_MAXIMUM_DEGREE 64

/* theta_0 from order 0; with `momentum` theta_1, too, from order 1. mgf_padded(d) doubles each. */
void mgf_jet_begin(double *jet, ptrdiff_t blocks, ptrdiff_t degree, int momentum, double *theta_a, double *theta_b);

/* Momentum: takes g_k and g_{k+1} (k even), makes w_{k+2} = c0 w_{k+1} + c1 f_k and w_{k+3} = c2 w_{k+2} + c3 f_{k+1},
   f the Cauchy product +-g w+-, then theta_{k+2} and theta_{k+3} unless theta_a is NULL. */
void mgf_jet_momentum(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g_a,
                      const double *g_b, const double *c, double *theta_a, double *theta_b);

/* Gradient flow: takes g_k, makes w_{k+1} = c f_k, then theta_{k+1} unless theta is NULL. */
void mgf_jet_descent(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g, double c,
                     double *theta);

/* change = the sum of c_k s^k over k > 0, and its derivative by s, each in blocks w+ (8) | w- (8). */
void mgf_jet_increment(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s, double *change, double *rate);

/* Coefficients 0 ... degree - 1 of w+' w-' (balance: block by block, order by order, 8 doubles) and of
   (|w+'|^2 + |w-'|^2) / 2 summed over the features (dissipation), ' the derivative by s. */
void mgf_jet_integrands(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double *balance, double *dissipation);

/* The integrals from 0 to s of w+' w-' (balance), of g, known up to order gradients - 1 (gradient; mgf_padded(d) doubles
   each), and of (|w+'|^2 + |w-'|^2) / 2 summed over the features (dissipation). */
void mgf_jet_integrals(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t gradients, double s,
                       double *balance, double *gradient, double *dissipation);

/* norms[0 ... 2]: the largest of |c_k|, k = degree - 2 ... degree, over absolute + relative (|c_0| + lambda |c_1|); not
   numbers when any is not finite. */
void mgf_jet_norms(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double relative, double absolute,
                   double lambda, double *norms);

/* Whether |c_0| <= sum_{k > 0} |c_k| s^k for some weight: only then can one have changed sign within s. */
int mgf_jet_may_vanish(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s);

#endif
