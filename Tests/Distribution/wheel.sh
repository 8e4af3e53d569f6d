#!/usr/bin/env bash
# wheel.sh WHEEL: what its binaries need and show, how it runs in an environment of its own and beside other libraries of BLAS and HDF5,
# and, as root, in a new root of Debian with Python alone. Needs PyPI; for the root debootstrap and Debian's mirror. MIRROR and ROOTS
# (where roots are kept for the next time) may be set.
set -euo pipefail
wheel=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "$(basename "$wheel"): $*" >&2; exit 1; }

python3 -m zipfile -e "$wheel" "$place/wheel"
parts=$place/wheel/momentumflow
newest=$(sed 's/.*manylinux_\([0-9]*\)_\([0-9]*\)_.*/GLIBC_\1.\2/' <<< "$wheel")
for binary in "$parts/libmomentumflow.so" "$parts/bin/mgf" "$parts"/lib/*; do
  name=${binary#"$parts/"}
  needed=$(readelf -d "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
  for library in $needed; do
    case $library in
    ld-linux-*.so.* | libc.so.6 | libm.so.6 | libgcc_s.so.1) ;; # glibc, and what it needs itself
    *) fail "$name needs $library" ;;
    esac
  done
  version=$(readelf -V "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
  [ "$(printf '%s\n' "$version" "$newest" | sort -V | tail -1)" = "$newest" ] || fail "$name needs $version"
  ! readelf -lW "$binary" | grep -q 'GNU_STACK.*RWE' || fail "$name has an executable stack"
  echo "$name needs $needed, up to $version; $(stat -c %s "$binary") bytes"
done
shows() {
  others=$(nm -D --defined-only "$parts/$1" | awk '{ print $3 }' | grep -v "^$2" || true)
  [ -z "$others" ] || fail "$1 shows names of others: $others"
}
shows libmomentumflow.so mf_
shows lib/libnetcdf.so.22 nc_
shows lib/libzip.so.5 zip_
declared=$(grep -o 'mf_[a-z_]*(' "$here/../../Sources/CMomentumFlow/momentumflow.h" | sort -u | tr -d '(')
shown=$(nm -D --defined-only "$parts/libmomentumflow.so" | awk '{ print $3 }' | sort)
[ "$declared" = "$shown" ] || fail "the library shows other functions than momentumflow.h has"

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check "${wheel}[xarray,sklearn]" scipy h5py
(cd "$place" && env -i PATH="$place/venv/bin:/usr/bin:/bin" HOME="$place" sh "$here/wheel-use.sh")
(cd "$place" && env -i PATH="$place/venv/bin:/usr/bin:/bin" HOME="$place" python "$here/wheel-neighbours.py")

# As on Google Colab: the wheel, and a notebook in a folder of its own.
"$place/venv/bin/pip" install --quiet --disable-pip-version-check "${wheel}[all]" nbclient ipykernel
mkdir "$place/notebook"
cp "$here/../../notebooks/start-here.ipynb" "$place/notebook"
(cd "$place/notebook" && env -i PATH="$place/venv/bin:/usr/bin:/bin" HOME="$place" jupyter execute start-here.ipynb > /dev/null)
echo "start-here runs with the wheel alone."

[ "$(id -u)" = 0 ] || { echo "Not root: not tried in a bare root."; exit 0; }
command -v debootstrap > /dev/null || apt-get install -y -qq debootstrap
root=${ROOTS:-$place}/root-python
[ -e "$root/etc/debian_version" ] ||
  debootstrap --variant=minbase --include=python3-venv bookworm "$root" "${MIRROR:-http://deb.debian.org/debian}" > /dev/null
! find "$root/usr/lib" "$root/usr/local" | grep -E 'swift|lib(gsl|glpk|openblas|blas|gfortran|netcdf|hdf5|zip)' || fail "the root is not bare"
rm -rf "$root"/opt/*
version=$(chroot "$root" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$place/venv/bin/pip" download --quiet --disable-pip-version-check --python-version "$version" --only-binary :all: \
  --dest "$root/opt/wheels" "$wheel"
cp "$here/wheel-use.sh" "$root/opt"
# With /proc, from which Swift's run time reads the arguments, in a mount namespace that goes away with the trial.
unshare -m sh -euc 'mount -t proc proc "$1/proc"; exec chroot "$1" env -i PATH=/usr/bin:/bin sh -euc "$2"' sh "$root" '
  python3 -m venv /opt/venv
  /opt/venv/bin/pip install --quiet --disable-pip-version-check --no-index --find-links /opt/wheels momentumflow
  mkdir -p /opt/trial
  cd /opt/trial
  PATH=/opt/venv/bin:$PATH sh /opt/wheel-use.sh'
echo "$(basename "$wheel") runs in Debian $(cat "$root/etc/debian_version") with Python $version alone."
