#include "dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int mgf_instruction_level(void) {
  static _Atomic int known = -1;
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level >= 0) return level;
  level = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v3")) level = 1;
  if (__builtin_cpu_supports("x86-64-v4")) level = 2;
#endif
  const char *wish = getenv("MGF_INSTRUCTIONS");
  if (wish && strcmp(wish, "baseline") == 0) level = 0;
  if (wish && strcmp(wish, "avx2") == 0 && level > 1) level = 1;
  atomic_store_explicit(&known, level, memory_order_relaxed);
  return level;
}
