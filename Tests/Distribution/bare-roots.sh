#!/usr/bin/env bash
# bare-roots.sh ARCHIVE RELEASE...: tries the archive in new roots of these Debian releases, with the packages that the guide's
# page Installing.md names and nothing else: the main example, a trajectory read back, a sweep. Needs root, debootstrap and
# Debian's mirror; MIRROR and ROOTS (where roots are kept for the next time) may be set.
set -euo pipefail
archive=$(readlink -f "$1")
shift
here=$(dirname "$(readlink -f "$0")")
page=$here/../../Sources/Guide/Guide.docc/Installing.md
packages=$(sed -n 's/^sudo apt-get install \(--no-install-recommends \)\?\(libopenblas0.*\)$/\2/p' "$page")
[ -n "$packages" ] || { echo "$page names no packages for the archive." >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "Run this as root: it uses debootstrap and chroot." >&2; exit 1; }
command -v debootstrap > /dev/null || apt-get install -y -qq debootstrap
roots=${ROOTS:-$(mktemp -d)}
name=$(basename "$archive" .tar.gz)
for release; do
  root=$roots/root-$release
  [ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase "$release" "$root" "${MIRROR:-http://deb.debian.org/debian}"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages" \
    > /dev/null
  rm -rf "$root/opt/mgf"
  mkdir -p "$root/opt/mgf"
  tar -C "$root/opt/mgf" -xzf "$archive"
  # With /proc, from which Swift's run time reads the arguments, in a mount namespace that goes away with the trial.
  unshare -m sh -euc 'mount -t proc proc "$1/proc"; exec chroot "$1" sh -euc "$2"' sh "$root" "
    cd /opt/mgf/$name
    bin/mgf demo --data data/leukemia.csv --target lineage --standardize --alpha 1e-3 --lambda 1 --until 100 \
      --output-directory /tmp --force
    for f in mgf.nc mgf.csv figure.svg figure.png; do test -s /tmp/\$f; done
    bin/mgf solve --gaussian 20,30,3 --lambda 1 --until 100 --samples 101 --output /tmp/flow.nc --force --quiet --json > /tmp/solve.json
    ncdump -h /tmp/flow.nc | grep -q 'double theta'
    bin/mgf limit --gaussian 20,30,3 --lambda 1
    bin/mgf sweep data/studies/gamma-beta-map.yaml --output /tmp/map.sqlite --set gamma=log:1e-3,1e-1,4 --set beta=0,0.9 --quiet
    bin/mgf sweep export /tmp/map.sqlite /tmp/map.nc --force
    rm -f /tmp/map.*"
  echo "$name runs in $release ($(cat "$root/etc/debian_version"))."
done
