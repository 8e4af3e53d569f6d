#!/bin/sh
# run.sh SANITIZER SCRATCH PYTHON SUITES: the tests of a build with a sanitizer. The first report ends the process that caused it, and with
# it the suite; the tools that tests start report and exit with 66 or 1, which no test takes for success.
set -eu
here=$(dirname "$(readlink -f "$0")")
export ASAN_OPTIONS="suppressions=$here/address.supp:detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=0"
export LSAN_OPTIONS="suppressions=$here/leak.supp:print_suppressions=0"
export UBSAN_OPTIONS="suppressions=$here/undefined.supp:print_stacktrace=1:halt_on_error=1"
export TSAN_OPTIONS="suppressions=$here/thread.supp:halt_on_error=1:second_deadlock_stack=1"
export MGF_PYTHON="$3"
if [ "$1" = thread ]; then
  clang -shared -fPIC -O1 -o "$2/mutex.so" "$here/mutex.c"
  export LD_PRELOAD="$(readlink -f "$2/mutex.so")"
fi
exec swift test --skip-build --sanitize "$1" --scratch-path "$2" --filter "$4"
