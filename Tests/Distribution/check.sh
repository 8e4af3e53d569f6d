#!/bin/sh
# check.sh BINARY: it needs the libraries listed here and no others, looks for them where the system keeps them, asks for no
# newer glibc than Debian 12 has, and runs where neither a toolchain nor LD_LIBRARY_PATH helps.
set -eu
binary=$(readlink -f "$1")
fail() { echo "$binary: $*" >&2; exit 1; }

needed=$(readelf -d "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
for name in $needed; do
  case $name in
  ld-linux-*.so.* | libc.so.6 | libm.so.6 | libgcc_s.so.1 | libstdc++.so.6 | libz.so.1) ;; # in every Debian
  libopenblas.so.0 | libglpk.so.40 | libsqlite3.so.0) ;; # named alike in Debian 12 and 13
  *) fail "it needs $name, which is not on the list of what every Debian has under that name" ;;
  esac
done
paths=$(readelf -d "$binary" | grep -E '\((RPATH|RUNPATH)\)' | sed 's/.*\[\(.*\)\]/\1/' || true)
case $paths in
"" | '$ORIGIN') ;;
*) fail "it looks for libraries in $paths" ;;
esac
newest=$(readelf -V "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
[ "$(printf 'GLIBC_2.36\n%s\n' "$newest" | sort -V | tail -1)" = GLIBC_2.36 ] || fail "it needs $newest; Debian 12 has 2.36"
# GSL's own BLAS exports the names of OpenBLAS and is twenty times slower.
if readelf -sW "$binary" | grep -E ' (FUNC|IFUNC) .* [0-9]+ cblas_dgemv$' | grep -vq UND; then fail "it holds gslcblas"; fi

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
env -i PATH=/usr/bin:/bin HOME="$place" LD_LIBRARY_PATH= "$binary" solve --gaussian 20,30,3 --lambda 1 --until 100 --samples 101 \
  --output flow.nc --json --quiet > solve.json
grep -q '"outcome":"reached"' solve.json || fail "solve did not reach its end"
[ "$(head -c 4 flow.nc | tail -c 3)" = HDF ] || fail "flow.nc is no NetCDF-4 file"
env -i PATH=/usr/bin:/bin "$binary" limit --gaussian 20,30,3 --lambda 1 --json --quiet | grep -q '"route":"project"' ||
  fail "limit did not project"
echo "$binary needs $needed, up to $newest; $(stat -c %s "$binary") bytes"
