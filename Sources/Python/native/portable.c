/* What the library and the tool of the Python package have of their own, so that glibc 2.34 is all they need. */
#include <stddef.h>
#include <string.h>

/* glibc 2.35 gave hypot and hypotf new versions, which no longer set errno; the linker puts these in their place (--wrap). */
#if defined(__x86_64__)
#define BEFORE "GLIBC_2.2.5"
#else
#define BEFORE "GLIBC_2.17"
#endif
__asm__(".symver hypot_before, hypot@" BEFORE);
__asm__(".symver hypotf_before, hypotf@" BEFORE);
double hypot_before(double x, double y);
float hypotf_before(float x, float y);
double __wrap_hypot(double x, double y) { return hypot_before(x, y); }
float __wrap_hypotf(float x, float y) { return hypotf_before(x, y); }

/* The one function that LAPACK, as far as it is linked, asks of Fortran's run time: a // b, cut or padded with blanks. */
void _gfortran_concat_string(size_t length, char *result, size_t na, const char *a, size_t nb, const char *b) {
  if (na > length) na = length;
  if (nb > length - na) nb = length - na;
  memcpy(result, a, na);
  memcpy(result + na, b, nb);
  memset(result + na + nb, ' ', length - na - nb);
}
