/*
 Tells the thread sanitizer of Swift's Mutex. Where threads contend, the lock is taken and given back by the kernel within
 libswiftSynchronization.so, which is not instrumented: the sanitizer sees no order between them and reports races that are none.
 Preloaded in front of that library, with functions of the same names that say what they do and hand the call on.
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
typedef SWIFT void Lock(uint32_t, SELF void *);
typedef SWIFT void Unlock(SELF void *);

SWIFT void lock_slowly(uint32_t thread, SELF void *self) __asm__(LOCK);
SWIFT void unlock_slowly(SELF void *self) __asm__(UNLOCK);

SWIFT void lock_slowly(uint32_t thread, SELF void *self) {
  ((Lock *)dlsym(RTLD_NEXT, LOCK))(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock_slowly(SELF void *self) {
  if (__tsan_release) __tsan_release(self);
  ((Unlock *)dlsym(RTLD_NEXT, UNLOCK))(self);
}
