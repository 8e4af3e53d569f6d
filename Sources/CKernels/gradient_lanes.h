/* The kernels for one instruction set; gradient.c includes this file once for each, with
   NAME(f)    the variant's name of f,
   W          lanes of a vector,
   SUMS       accumulators that one right-hand side may hold (half of what the register file has to spare),
   EVEN, ODD  the even and the odd lanes of two vectors laid end to end.
   Loops over K (right-hand sides), R (rows), B (vectors) and S (splits) have constant bounds once inlined: the arrays
   they index live in registers. */

#define V NAME(vector)
typedef double V __attribute__((vector_size(8 * W), may_alias));
/* The same where it need not be aligned: rows of X, which may lie in a file. */
#define U NAME(unaligned)
typedef double U __attribute__((vector_size(8 * W), aligned(8), may_alias));

/* out_k = f * sum_i c_k[i] * (row i of m) for B vectors of columns, minus the old out_0 if asked. Sums go down the
   columns: no horizontal additions. A narrow block is split over S interleaved sets of sums to hide the latency. */
INLINE void NAME(columns)(const int K, const int B, const double *m, ptrdiff_t stride, ptrdiff_t count,
                          const double *const *c, double f, int subtract, double *const *out) {
  const int S = B * 4 <= SUMS || B == 1 ? 4 : B * 2 <= SUMS ? 2 : 1;
  V s[4][2][8];
  UNROLL for (int u = 0; u < S; u++)
    UNROLL for (int k = 0; k < K; k++)
      UNROLL for (int b = 0; b < B; b++) s[u][k][b] = (V){0};
  ptrdiff_t i = 0;
  for (; i + S <= count; i += S, m += S * stride)
    UNROLL for (int u = 0; u < S; u++)
      UNROLL for (int b = 0; b < B; b++) {
        const V a = *(const V *)(m + u * stride + b * W);
        UNROLL for (int k = 0; k < K; k++) s[u][k][b] += a * c[k][i + u];
      }
  for (; i < count; i++, m += stride)
    UNROLL for (int b = 0; b < B; b++)
      UNROLL for (int k = 0; k < K; k++) s[0][k][b] += *(const V *)(m + b * W) * c[k][i];
  UNROLL for (int k = 0; k < K; k++)
    UNROLL for (int b = 0; b < B; b++) {
      V *o = (V *)(out[k] + b * W), t = s[0][k][b];
      UNROLL for (int u = 1; u < S; u++) t += s[u][k][b];
      *o = subtract && k == 0 ? f * t - *o : f * t;
    }
}

/* The same for a whole width (a multiple of 8), in blocks of at most SUMS vectors. */
INLINE void NAME(product)(const int K, const double *m, ptrdiff_t width, ptrdiff_t count, const double *const *c,
                          double f, int subtract, double *const *out) {
  for (ptrdiff_t j = 0; j < width; j += SUMS * W) {
    double *const o[2] = {out[0] + j, out[1] + j};
    const ptrdiff_t left = (width - j) / W;
    switch (left < SUMS ? left : SUMS) {
#define BLOCK(B) case B: NAME(columns)(K, B, m + j, width, count, c, f, subtract, o); break;
      BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7) BLOCK(8)
#undef BLOCK
    }
  }
}

/* Sums of the products of R rows of X with theta_k: s_k,l, still to be added up across the vector. Rows of the next tile
   (half of them; ahead == NULL: none) are fetched into the second cache meanwhile. */
INLINE void NAME(dots)(const int K, const int R, ptrdiff_t width, const double *const *x, const double *const *ahead,
                       const double *const *theta, V (*s)[8]) {
  UNROLL for (int k = 0; k < K; k++)
    UNROLL for (int l = 0; l < 8; l++) s[k][l] = (V){0};
  for (ptrdiff_t j = 0; j < width; j += W) {
    if (ahead)
      UNROLL for (int l = 0; l < R / 2; l++) __builtin_prefetch(ahead[l] + j, 0, 2);
    UNROLL for (int l = 0; l < R; l++) {
      const V v = *(const U *)(x[l] + j);
      UNROLL for (int k = 0; k < K; k++) s[k][l] += v * *(const V *)(theta[k] + j);
    }
  }
}

/* g_k += sum_l w_k,l * row l, from the end back: what was read last is still near. The rest of the next tile is fetched. */
INLINE void NAME(add)(const int K, const int R, ptrdiff_t width, const double *const *x, const double *const *ahead,
                      double (*w)[8], double *const *g) {
  for (ptrdiff_t j = width - W; j >= 0; j -= W) {
    if (ahead)
      UNROLL for (int l = R / 2; l < R; l++) __builtin_prefetch(ahead[l] + j, 0, 2);
    V t[2];
    UNROLL for (int k = 0; k < K; k++) t[k] = *(V *)(g[k] + j);
    UNROLL for (int l = 0; l < R; l++) {
      const V v = *(const U *)(x[l] + j);
      UNROLL for (int k = 0; k < K; k++) t[k] += v * w[k][l];
    }
    UNROLL for (int k = 0; k < K; k++) *(V *)(g[k] + j) = t[k];
  }
}

/* Adds the sums up across the vectors: residuals r_k of rows i ... i + R - 1, and w_k = scale * r_k. */
INLINE void NAME(finish)(const int K, const int R, const double *y, const ptrdiff_t *rows, ptrdiff_t i, V (*s)[8],
                         double scale, double *const *r, double (*w)[8]) {
  UNROLL for (int k = 0; k < K; k++)
    UNROLL for (int q = 0; q < R; q += W) {
      V *t = s[k] + q;
      UNROLL for (int h = W / 2; h > 0; h /= 2)
        UNROLL for (int l = 0; l < h; l++)
          t[l] = __builtin_shufflevector(t[2 * l], t[2 * l + 1], EVEN) +
                 __builtin_shufflevector(t[2 * l], t[2 * l + 1], ODD);
      UNROLL for (int l = 0; l < W && q + l < R; l++) {
        const double e = y && k == 0 ? t[0][l] - y[rows ? rows[i + q + l] : i + q + l] : t[0][l];
        r[k][i + q + l] = e;
        w[k][q + l] = scale * e;
      }
    }
}

/* Tiles of R rows from i on, as many as fit; returns the next row. FETCH: the next tile is fetched while this one is
   worked on, so that memory is never idle. */
INLINE ptrdiff_t NAME(tiles)(const int K, const int R, const int FETCH, const double *x, ptrdiff_t stride,
                             const double *y, const ptrdiff_t *rows, ptrdiff_t i, ptrdiff_t n, ptrdiff_t width,
                             const double *const *theta, double scale, double *const *r, double *const *g) {
  V s[2][8];
  double w[2][8];
  for (; i + R <= n; i += R) {
    const double *a[8], *ahead[8];
    UNROLL for (int l = 0; l < R; l++) a[l] = x + (rows ? rows[i + l] : i + l) * stride;
    if (FETCH)
      UNROLL for (int l = 0; l < R; l++)
        ahead[l] = i + R + l < n ? x + (rows ? rows[i + R + l] : i + R + l) * stride : a[l];
    NAME(dots)(K, R, width, a, FETCH ? ahead : NULL, theta, s);
    NAME(finish)(K, R, y, rows, i, s, scale, r, w);
    if (g[0]) NAME(add)(K, R, width, a, FETCH ? ahead : NULL, w, g);
  }
  return i;
}

INLINE void NAME(any)(const int K, const double *x, ptrdiff_t stride, const double *xt, const double *y,
                      const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d, const double *const *theta, double scale,
                      double *const *r, double *const *g) {
  const ptrdiff_t width = mgf_padded(d), height = mgf_padded(n);
  /* Down the columns of both layouts there are no sums across a vector, but X is read twice: with one right-hand side
     that pays in the first cache only. */
  if (xt && !rows && (K > 1 || n * width + d * height <= MGF_INNERMOST)) {
    if (y) {
      ptrdiff_t i = 0;
      for (; i + W <= n; i += W) __builtin_memcpy(r[0] + i, y + i, 8 * W);
      for (; i < n; i++) r[0][i] = y[i];
      for (; i < height; i++) r[0][i] = 0;
    }
    NAME(product)(K, xt, height, d, theta, 1, y != NULL, r);
    if (g[0]) NAME(product)(K, x, width, n, (const double *const *)r, scale, 0, g);
  } else {
    if (g[0])
      for (int k = 0; k < K; k++)
        for (ptrdiff_t j = 0; j < width; j++) g[k][j] = 0;
    ptrdiff_t i = 0;
    const int wide = width > MGF_WIDE, fetch = n * width > MGF_CACHED;
#define TILES(R, FETCH) i = NAME(tiles)(K, R, FETCH, x, stride, y, rows, i, n, width, theta, scale, r, g);
    if (K * 8 <= 2 * SUMS && !wide) {
      if (fetch) { TILES(8, 1) }
      TILES(8, 0)
    }
    if (fetch) { TILES(4, 1) }
    TILES(4, 0)
    TILES(2, 0)
    TILES(1, 0)
#undef TILES
  }
  if (g[0])
    for (int k = 0; k < K; k++)
      for (ptrdiff_t j = d; j < width; j++) g[k][j] = 0; /* even if a residual is not finite */
}

static void NAME(gradient)(const double *x, ptrdiff_t stride, const double *xt, const double *y,
                           const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d, const double *theta, double scale,
                           double *r, double *g) {
  NAME(any)(1, x, stride, xt, y, rows, n, d, (const double *const[2]){theta, theta}, scale, (double *const[2]){r, r},
            (double *const[2]){g, g});
}

static void NAME(gradient_pair)(const double *x, ptrdiff_t stride, const double *xt, const double *y, ptrdiff_t n,
                                ptrdiff_t d, const double *theta_a, const double *theta_b, double scale, double *r_a,
                                double *r_b, double *g_a, double *g_b) {
  NAME(any)(2, x, stride, xt, y, NULL, n, d, (const double *const[2]){theta_a, theta_b}, scale, (double *const[2]){r_a, r_b},
            (double *const[2]){g_a, g_b});
}

/* R rows of two column panels of X: see mgf_sweep. The first panel comes from the cache; the second one's next R rows are
   fetched from memory meanwhile. */
INLINE void NAME(panels)(const int K, const int R, const double *x, const double *next, ptrdiff_t stride, ptrdiff_t i,
                         ptrdiff_t n, ptrdiff_t width, ptrdiff_t next_width, const double *const *theta,
                         const double *const *r, double scale, double *const *sums, double *const *g) {
  const double *a[8], *b[8], *ahead[8];
  double w[2][8];
  UNROLL for (int l = 0; l < R; l++) {
    a[l] = x + (i + l) * stride;
    b[l] = next + (i + l) * stride;
    ahead[l] = i + R + l < n ? b[l] + R * stride : next + next_width + (i + R + l - n) * stride;
  }
  if (width) {
    V s[2][8];
    double e[2][8];
    NAME(dots)(K, R, width, a, next_width >= width ? ahead : NULL, theta, s);
    NAME(finish)(K, R, NULL, NULL, 0, s, 1, (double *const[2]){e[0], e[1]}, w);
    UNROLL for (int k = 0; k < K; k++)
      UNROLL for (int l = 0; l < R; l++) sums[k][i + l] += e[k][l];
  }
  if (next_width) {
    UNROLL for (int k = 0; k < K; k++)
      UNROLL for (int l = 0; l < R; l++) w[k][l] = scale * r[k][i + l];
    NAME(add)(K, R, next_width, b, ahead, w, g);
  }
}

INLINE void NAME(sweep_any)(const int K, const double *x, const double *next, ptrdiff_t stride, ptrdiff_t n,
                            ptrdiff_t width, ptrdiff_t next_width, const double *const *theta, const double *const *r,
                            double scale, double *const *sums, double *const *g) {
  for (int k = 0; k < K; k++)
    for (ptrdiff_t j = 0; j < next_width; j++) g[k][j] = 0;
  ptrdiff_t i = 0;
#define PANELS(R) for (; i + R <= n; i += R) NAME(panels)(K, R, x, next, stride, i, n, width, next_width, theta, r, scale, sums, g);
  if (K * 8 <= 2 * SUMS) { PANELS(8) }
  PANELS(4)
  PANELS(2)
  PANELS(1)
#undef PANELS
}

static void NAME(sweep)(const double *x, const double *next, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t width,
                        ptrdiff_t next_width, const double *theta_a, const double *theta_b, const double *r_a,
                        const double *r_b, double scale, double *sums_a, double *sums_b, double *g_a, double *g_b) {
  const double *const theta[2] = {theta_a, theta_b}, *const r[2] = {r_a, r_b};
  double *const sums[2] = {sums_a, sums_b}, *const g[2] = {g_a, g_b};
  if (sums_b)
    NAME(sweep_any)(2, x, next, stride, n, width, next_width, theta, r, scale, sums, g);
  else
    NAME(sweep_any)(1, x, next, stride, n, width, next_width, theta, r, scale, sums, g);
}
