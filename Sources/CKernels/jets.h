/* The body of the jet kernels for one vector width: included by jets.c once for each instruction set, with TARGET the
   function attribute and LANES the doubles of a vector. See CKernels.h for what each function does. */

typedef double NAME(vector) __attribute__((vector_size(8 * LANES)));
#define V NAME(vector)
#define AT(row, part) (*(V *)((row) + 8 * (part) + lane))
#define ORDER(k) (base + MGF_JET_WIDTH * (k))

/* theta_m and, when `second`, theta_{m+1}: a quarter of the difference of the Cauchy squares of w+ and w-. The products
   are symmetric: half of them, doubled. One new load of each sign serves both orders. */
static inline TARGET void NAME(theta)(const double *base, ptrdiff_t lane, ptrdiff_t m, int second, double *theta_a,
                                      double *theta_b) {
  V plus = {0}, minus = {0}, next_plus = {0}, next_minus = {0};
  V high_plus = AT(ORDER(m + second), 0), high_minus = AT(ORDER(m + second), 1);
  ptrdiff_t j = 0;
  for (; 2 * j < m; j++) {
    const V low_plus = AT(ORDER(j), 0), low_minus = AT(ORDER(j), 1);
    next_plus += low_plus * high_plus;
    next_minus += low_minus * high_minus;
    high_plus = AT(ORDER(m - j), 0);
    high_minus = AT(ORDER(m - j), 1);
    plus += low_plus * high_plus;
    minus += low_minus * high_minus;
  }
  V sum = 0.5 * (plus - minus);
  if (2 * j == m) {
    const V low_plus = AT(ORDER(j), 0), low_minus = AT(ORDER(j), 1);
    /* Exactly zero where w+ = w-, which a fused multiply-add of the difference of squares would not be. */
    sum += 0.25 * ((low_plus - low_minus) * (low_plus + low_minus));
    next_plus += low_plus * high_plus;
    next_minus += low_minus * high_minus;
  }
  *(V *)(theta_a + lane) = sum;
  if (second) *(V *)(theta_b + lane) = 0.5 * (next_plus - next_minus);
}

static TARGET void NAME(begin)(double *jet, ptrdiff_t blocks, ptrdiff_t degree, int momentum, double *theta_a,
                               double *theta_b) {
  for (ptrdiff_t b = 0; b < blocks; b++)
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES)
      NAME(theta)(jet + b * MGF_JET_WIDTH * (degree + 1), lane, 0, momentum, theta_a + 8 * b, theta_b + 8 * b);
}

static TARGET void NAME(momentum)(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g_a,
                                  const double *g_b, const double *c, double *theta_a, double *theta_b) {
  for (ptrdiff_t b = 0; b < blocks; b++) {
    double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      AT(ORDER(k), 2) = *(const V *)(g_a + 8 * b + lane);
      AT(ORDER(k + 1), 2) = *(const V *)(g_b + 8 * b + lane);
      V plus = {0}, minus = {0};
      V next_plus = AT(ORDER(0), 2) * AT(ORDER(k + 1), 0), next_minus = AT(ORDER(0), 2) * AT(ORDER(k + 1), 1);
      for (ptrdiff_t j = 0; j <= k; j++) {
        const V g = AT(ORDER(j), 2), g_next = AT(ORDER(j + 1), 2);
        const V w_plus = AT(ORDER(k - j), 0), w_minus = AT(ORDER(k - j), 1);
        plus += g * w_plus;
        minus += g * w_minus;
        next_plus += g_next * w_plus;
        next_minus += g_next * w_minus;
      }
      const V p = c[0] * AT(ORDER(k + 1), 0) + c[1] * plus;
      const V q = c[0] * AT(ORDER(k + 1), 1) - c[1] * minus;
      AT(ORDER(k + 2), 0) = p;
      AT(ORDER(k + 2), 1) = q;
      AT(ORDER(k + 3), 0) = c[2] * p + c[3] * next_plus;
      AT(ORDER(k + 3), 1) = c[2] * q - c[3] * next_minus;
      if (theta_a) NAME(theta)(base, lane, k + 2, 1, theta_a + 8 * b, theta_b + 8 * b);
    }
  }
}

static TARGET void NAME(descent)(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g,
                                 double c, double *theta) {
  for (ptrdiff_t b = 0; b < blocks; b++) {
    double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      AT(ORDER(k), 2) = *(const V *)(g + 8 * b + lane);
      V plus = {0}, minus = {0}, more_plus = {0}, more_minus = {0};
      ptrdiff_t j = 0;
      for (; j < k; j += 2) {
        plus += AT(ORDER(j), 2) * AT(ORDER(k - j), 0);
        minus += AT(ORDER(j), 2) * AT(ORDER(k - j), 1);
        more_plus += AT(ORDER(j + 1), 2) * AT(ORDER(k - j - 1), 0);
        more_minus += AT(ORDER(j + 1), 2) * AT(ORDER(k - j - 1), 1);
      }
      if (j == k) {
        plus += AT(ORDER(k), 2) * AT(ORDER(0), 0);
        minus += AT(ORDER(k), 2) * AT(ORDER(0), 1);
      }
      AT(ORDER(k + 1), 0) = c * (plus + more_plus);
      AT(ORDER(k + 1), 1) = -c * (minus + more_minus);
      if (theta) NAME(theta)(base, lane, k + 1, 0, theta + 8 * b, theta + 8 * b);
    }
  }
}

static TARGET void NAME(increment)(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s, double *change,
                                   double *rate) {
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      V plus = AT(ORDER(degree), 0), minus = AT(ORDER(degree), 1), plus_rate = {0}, minus_rate = {0};
      for (ptrdiff_t k = degree - 1; k > 0; k--) {
        plus_rate = plus_rate * s + plus;
        minus_rate = minus_rate * s + minus;
        plus = plus * s + AT(ORDER(k), 0);
        minus = minus * s + AT(ORDER(k), 1);
      }
      *(V *)(change + 16 * b + lane) = plus * s;
      *(V *)(change + 16 * b + 8 + lane) = minus * s;
      *(V *)(rate + 16 * b + lane) = plus_rate * s + plus;
      *(V *)(rate + 16 * b + 8 + lane) = minus_rate * s + minus;
    }
  }
}

/* Coefficients k + 1 of w+ and w- times k + 1: their derivatives. */
static inline TARGET void NAME(derivatives)(const double *base, ptrdiff_t lane, ptrdiff_t degree, V *plus, V *minus) {
  for (ptrdiff_t k = 0; k < degree; k++) {
    plus[k] = (double)(k + 1) * AT(ORDER(k + 1), 0);
    minus[k] = (double)(k + 1) * AT(ORDER(k + 1), 1);
  }
}

/* Coefficient m of w+' w-' and of (w+'^2 + w-'^2) / 2. */
static inline TARGET void NAME(products)(const V *plus, const V *minus, ptrdiff_t m, V *product, V *square) {
  V p = {0}, q = {0}, r = {0}, s = {0};
  ptrdiff_t j = 0;
  for (; 2 * j < m; j++) {
    p += plus[j] * minus[m - j];
    q += plus[m - j] * minus[j];
    r += plus[j] * plus[m - j];
    s += minus[j] * minus[m - j];
  }
  if (2 * j == m) {
    p += plus[j] * minus[j];
    r += 0.5 * (plus[j] * plus[j] + minus[j] * minus[j]);
  }
  *product = p + q;
  *square = r + s;
}

static TARGET void NAME(integrands)(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double *balance,
                                    double *dissipation) {
  V sums[MGF_JET_MAXIMUM_DEGREE], plus[MGF_JET_MAXIMUM_DEGREE], minus[MGF_JET_MAXIMUM_DEGREE];
  for (ptrdiff_t m = 0; m < degree; m++) sums[m] = (V){0};
  for (ptrdiff_t b = 0; b < blocks; b++) {
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      NAME(derivatives)(jet + b * MGF_JET_WIDTH * (degree + 1), lane, degree, plus, minus);
      for (ptrdiff_t m = 0; m < degree; m++) {
        V square;
        NAME(products)(plus, minus, m, (V *)(balance + 8 * (b * degree + m) + lane), &square);
        sums[m] += square;
      }
    }
  }
  for (ptrdiff_t m = 0; m < degree; m++) {
    dissipation[m] = 0;
    for (ptrdiff_t l = 0; l < LANES; l++) dissipation[m] += sums[m][l];
  }
}

static TARGET void NAME(integrals)(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t gradients, double s,
                                   double *balance, double *gradient, double *dissipation) {
  V plus[MGF_JET_MAXIMUM_DEGREE], minus[MGF_JET_MAXIMUM_DEGREE], total = {0};
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      NAME(derivatives)(base, lane, degree, plus, minus);
      V p = {0}, q = {0}, g = {0};
      for (ptrdiff_t m = degree - 1; m >= 0; m--) {
        V product, square;
        NAME(products)(plus, minus, m, &product, &square);
        const double weight = 1 / (double)(m + 1);
        p = p * s + weight * product;
        q = q * s + weight * square;
        if (m < gradients) g = g * s + weight * AT(ORDER(m), 2);
      }
      *(V *)(balance + 8 * b + lane) = s * p;
      *(V *)(gradient + 8 * b + lane) = s * g;
      total += s * q;
    }
  }
  *dissipation = 0;
  for (ptrdiff_t l = 0; l < LANES; l++) *dissipation += total[l];
}

static TARGET void NAME(norms)(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double relative,
                               double absolute, double lambda, double *norms) {
  V largest[3] = {{0}, {0}, {0}};
  /* The maximum of vectors loses what is not a number, this sum does not. */
  V poison = {0};
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      for (int part = 0; part < 2; part++) {
        const V size = __builtin_elementwise_abs(AT(ORDER(0), part)) +
                       lambda * __builtin_elementwise_abs(AT(ORDER(1), part));
        const V inverse = 1.0 / __builtin_elementwise_max(absolute + relative * size, (V){0} + 0x1p-1000);
        for (int k = 0; k < 3; k++) {
          const V x = __builtin_elementwise_abs(AT(ORDER(degree - 2 + k), part)) * inverse;
          poison += x - x;
          largest[k] = __builtin_elementwise_max(largest[k], x);
        }
      }
    }
  }
  for (int k = 0; k < 3; k++) {
    norms[k] = 0;
    for (ptrdiff_t l = 0; l < LANES; l++) {
      if (largest[k][l] > norms[k]) norms[k] = largest[k][l];
    }
  }
  for (ptrdiff_t l = 0; l < LANES; l++)
    for (int k = 0; k < 3; k++) norms[k] += poison[l];
}

static TARGET void NAME(may_vanish)(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s, int *result) {
  *result = 1;
  for (ptrdiff_t b = 0; b < blocks; b++) {
    const double *base = jet + b * MGF_JET_WIDTH * (degree + 1);
    for (ptrdiff_t lane = 0; lane < 8; lane += LANES) {
      for (int part = 0; part < 2; part++) {
        V sum = {0};
        for (ptrdiff_t k = degree; k > 0; k--) {
          const V x = AT(ORDER(k), part);
          sum = (sum + __builtin_elementwise_abs(x)) * s;
        }
        const V first = AT(ORDER(0), part);
        for (ptrdiff_t l = 0; l < LANES; l++) {
          const double size = first[l] < 0 ? -first[l] : first[l];
          if (!(sum[l] < size) && !(size == 0 && sum[l] == 0)) return;
        }
      }
    }
  }
  *result = 0;
}

#undef V
#undef AT
#undef ORDER
