/* Heavy ball and Nesterov for one instruction set, included by gradient.c after gradient_lanes.h (V, W, UNROLL as there).
   TILE: rows, or features, that a batch works on at a time. */

#define I NAME(integers)
typedef long long I __attribute__((vector_size(8 * W), may_alias));

/* w += delta with the rounding error carried; the new w. */
INLINE V NAME(carried)(V w, V delta, V *carry) {
  const V term = delta + *carry, sum = w + term;
  *carry = term - (sum - w);
  return sum;
}

/* The larger of `largest` and |x|; what is not a number stays. */
INLINE V NAME(larger)(V largest, V x) {
  const V a = __builtin_elementwise_abs(x);
  const I keep = a <= largest;
  return (V)((keep & (I)largest) | (~keep & (I)a));
}

/* One trajectory; see mgf_descend. */
static ptrdiff_t NAME(descend)(const double *x, ptrdiff_t stride, const double *xt, const double *y,
                               const ptrdiff_t *rows, ptrdiff_t n, ptrdiff_t d, ptrdiff_t width, const double *settings,
                               int nesterov, ptrdiff_t iterations, double *state, ptrdiff_t parity, double *carry, double *scratch) {
  const ptrdiff_t end = mgf_padded(d);
  const double gamma = settings[0], beta = settings[1], step = settings[2], ahead = nesterov ? beta : 0;
  double *theta = scratch, *g = scratch + width, *r = scratch + 2 * width;
  const double *start = state + parity * 4 * width;
  for (ptrdiff_t j = 0; j < end; j += W) {
    const V p = *(const V *)(start + j) + ahead * *(const V *)(start + 2 * width + j);
    const V m = *(const V *)(start + width + j) + ahead * *(const V *)(start + 3 * width + j);
    *(V *)(theta + j) = 0.25 * ((p - m) * (p + m));
  }
  for (ptrdiff_t k = 0; k < iterations;) {
    const double *old = state + ((k + parity) & 1) * 4 * width;
    double *new = state + ((k + parity + 1) & 1) * 4 * width;
    if (x)
      NAME(any)(1, x, stride, xt, y, rows, n, d, (const double *const[2]){theta, theta}, 1.0 / (double)n,
                (double *const[2]){r, r}, (double *const[2]){g, g});
    I flips = {0}, small = ~(I){0};
    for (ptrdiff_t j = 0; j < end; j += W) {
      const V slope = *(const V *)(g + j);
      V next[2];
      UNROLL for (int half = 0; half < 2; half++) {
        const ptrdiff_t i = half * width + j;
        const V w = *(const V *)(old + i), increment = *(const V *)(old + 2 * width + i);
        const V pull = gamma * slope * (w + ahead * increment);
        const V delta = half ? beta * increment + pull : beta * increment - pull;
        const V moved = NAME(carried)(w, delta, (V *)(carry + i));
        *(V *)(new + i) = moved;
        *(V *)(new + 2 * width + i) = delta;
        flips |= (I)moved ^ (I)w;
        small &= (moved <= 1e100) & (moved >= -1e100);
        next[half] = moved + ahead * delta;
      }
      *(V *)(theta + j) = 0.25 * ((next[0] - next[1]) * (next[0] + next[1]));
      *(V *)(carry + 2 * width + j) += step * slope;
    }
    k++;
    if (__builtin_reduce_or(flips | ~small) < 0) return k;
  }
  return iterations;
}

/* Eight trajectories; see mgf_batch_*. */
#define LV (8 / W)
#define ENTRY(i, part) ((V *)(state + ((i) * MGF_BATCH_PARTS + (part)) * 8))

/* Rows of TILE sums over `count` vectors of 8 lanes: out[l] = sum_i c[i] tile[i][l], for every tile. */
INLINE void NAME(tile)(const double *tile, ptrdiff_t count, const double *c, V (*s)[LV]) {
  UNROLL for (int l = 0; l < TILE; l++)
    UNROLL for (int v = 0; v < LV; v++) s[l][v] = (V){0};
  for (ptrdiff_t i = 0; i < count; i++, tile += TILE, c += 8) {
    V a[LV];
    UNROLL for (int v = 0; v < LV; v++) a[v] = *(const V *)(c + v * W);
    UNROLL for (int l = 0; l < TILE; l++)
      UNROLL for (int v = 0; v < LV; v++) s[l][v] += tile[l] * a[v];
  }
}

INLINE void NAME(batch_theta)(const double *state, ptrdiff_t i, const V *ahead, double *theta) {
  UNROLL for (int v = 0; v < LV; v++) {
    const V p = ENTRY(i, 0)[v] + ahead[v] * ENTRY(i, 2)[v], m = ENTRY(i, 1)[v] + ahead[v] * ENTRY(i, 3)[v];
    *(V *)(theta + i * 8 + v * W) = 0.25 * ((p - m) * (p + m));
  }
}

/* r = X theta - y, times the rows' shares if they are given. */
INLINE void NAME(batch_residual)(const double *tiles, const double *y, const double *shares, ptrdiff_t n, ptrdiff_t d,
                                 const double *theta, double *r) {
  V s[TILE][LV];
  for (ptrdiff_t q = 0; q < n; q += TILE) {
    NAME(tile)(tiles + q * d, d, theta, s);
    UNROLL for (int l = 0; l < TILE; l++)
      UNROLL for (int v = 0; v < LV; v++) {
        V e = s[l][v] - y[q + l];
        if (shares) e *= *(const V *)(shares + (q + l) * 8 + v * W);
        *(V *)(r + (q + l) * 8 + v * W) = e;
      }
  }
}

static void NAME(batch)(const double *rows, const double *columns, const double *y, const double *shares, ptrdiff_t n,
                        ptrdiff_t d, const double *settings, int nesterov, ptrdiff_t iterations, double *state,
                        double *theta, double *r) {
  V gamma[LV], beta[LV], step[LV], ahead[LV], s[TILE][LV];
  UNROLL for (int v = 0; v < LV; v++) {
    gamma[v] = *(const V *)(settings + v * W);
    beta[v] = *(const V *)(settings + 8 + v * W);
    step[v] = *(const V *)(settings + 16 + v * W);
    ahead[v] = nesterov ? beta[v] : (V){0};
  }
  for (ptrdiff_t i = 0; i < d; i++) NAME(batch_theta)(state, i, ahead, theta);
  for (ptrdiff_t k = 0; k < iterations; k++) {
    NAME(batch_residual)(rows, y, shares, n, d, theta, r);
    for (ptrdiff_t i = 0; i < d; i += TILE) {
      NAME(tile)(columns + i * n, n, r, s);
      UNROLL for (int l = 0; l < TILE; l++) {
        UNROLL for (int v = 0; v < LV; v++) {
          const V pull = gamma[v] * s[l][v];
          UNROLL for (int half = 0; half < 2; half++) {
            const V w = ENTRY(i + l, half)[v], increment = ENTRY(i + l, 2 + half)[v];
            const V move = pull * (w + ahead[v] * increment);
            const V delta = half ? beta[v] * increment + move : beta[v] * increment - move;
            ENTRY(i + l, 2 + half)[v] = delta;
            ENTRY(i + l, half)[v] = NAME(carried)(w, delta, ENTRY(i + l, 4 + half) + v);
          }
          ENTRY(i + l, 6)[v] += step[v] * s[l][v];
        }
        NAME(batch_theta)(state, i + l, ahead, theta);
      }
    }
  }
}

/* The residual at w itself, and its sums. */
static void NAME(batch_look)(const double *rows, const double *y, ptrdiff_t n, ptrdiff_t d, const double *state,
                             double *theta, double *r, double *sums) {
  const V none[LV] = {{0}};
  V square[LV] = {{0}}, largest[LV] = {{0}}, kinetic[LV] = {{0}}, size[LV] = {{0}};
  for (ptrdiff_t i = 0; i < d; i++) {
    NAME(batch_theta)(state, i, none, theta);
    UNROLL for (int v = 0; v < LV; v++)
      UNROLL for (int half = 0; half < 2; half++) {
        const V increment = ENTRY(i, 2 + half)[v];
        kinetic[v] += increment * increment;
        size[v] = NAME(larger)(size[v], ENTRY(i, half)[v]);
      }
  }
  NAME(batch_residual)(rows, y, NULL, n, d, theta, r);
  for (ptrdiff_t q = 0; q < n; q++)
    UNROLL for (int v = 0; v < LV; v++) {
      const V e = *(const V *)(r + q * 8 + v * W);
      square[v] += e * e;
      largest[v] = NAME(larger)(largest[v], e);
    }
  UNROLL for (int v = 0; v < LV; v++) {
    *(V *)(sums + v * W) = square[v];
    *(V *)(sums + 8 + v * W) = largest[v];
    *(V *)(sums + 16 + v * W) = kinetic[v];
    *(V *)(sums + 24 + v * W) = size[v];
  }
}

#undef I
#undef LV
#undef ENTRY
