#include "CKernels.h"
#include "dispatch.h"

/* One body (jets.h), once for each width of vectors, chosen at each call by what the processor has. Wider vectors than
   the processor's own would be split by the compiler, at several times the cost. */
#if defined(__x86_64__)
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define LANES 8
#define NAME(x) x##_v4
#include "jets.h"
#undef TARGET
#undef LANES
#undef NAME
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define LANES 4
#define NAME(x) x##_v3
#include "jets.h"
#undef TARGET
#undef LANES
#undef NAME
#endif
#define TARGET
#define LANES 2
#define NAME(x) x##_base
#include "jets.h"
#undef TARGET
#undef LANES
#undef NAME

void mgf_jet_begin(double *jet, ptrdiff_t blocks, ptrdiff_t degree, int momentum, double *theta_a, double *theta_b) {
  MGF_CALL(begin, jet, blocks, degree, momentum, theta_a, theta_b);
}

void mgf_jet_momentum(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g_a,
                      const double *g_b, const double *c, double *theta_a, double *theta_b) {
  MGF_CALL(momentum, jet, blocks, degree, k, g_a, g_b, c, theta_a, theta_b);
}

void mgf_jet_descent(double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t k, const double *g, double c,
                     double *theta) {
  MGF_CALL(descent, jet, blocks, degree, k, g, c, theta);
}

void mgf_jet_increment(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s, double *change, double *rate) {
  MGF_CALL(increment, jet, blocks, degree, s, change, rate);
}

void mgf_jet_integrands(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double *balance, double *dissipation) {
  MGF_CALL(integrands, jet, blocks, degree, balance, dissipation);
}

void mgf_jet_integrals(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, ptrdiff_t gradients, double s,
                       double *balance, double *gradient, double *dissipation) {
  MGF_CALL(integrals, jet, blocks, degree, gradients, s, balance, gradient, dissipation);
}

void mgf_jet_norms(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double relative, double absolute,
                   double lambda, double *norms) {
  MGF_CALL(norms, jet, blocks, degree, relative, absolute, lambda, norms);
}

int mgf_jet_may_vanish(const double *jet, ptrdiff_t blocks, ptrdiff_t degree, double s) {
  int result;
  MGF_CALL(may_vanish, jet, blocks, degree, s, &result);
  return result;
}
