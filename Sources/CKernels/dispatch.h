/* Which of the variants of a kernel runs: 2 AVX-512 (x86-64-v4), 1 AVX2 (x86-64-v3), 0 the compiler's baseline. */
#ifndef MGF_DISPATCH_H
#define MGF_DISPATCH_H

#include "CKernels.h"

#if defined(__x86_64__)
#define MGF_CALL(function, ...)                                       \
  do {                                                                \
    switch (mgf_instruction_level()) {                                \
      case 2: function##_v4(__VA_ARGS__); break;                      \
      case 1: function##_v3(__VA_ARGS__); break;                      \
      default: function##_base(__VA_ARGS__);                          \
    }                                                                 \
  } while (0)
#else
#define MGF_CALL(function, ...) function##_base(__VA_ARGS__)
#endif

#endif
