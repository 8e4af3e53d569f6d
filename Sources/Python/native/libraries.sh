#!/bin/sh
# libraries.sh FOLDER: the C libraries that the Python package carries, so that it needs nothing but glibc. In FOLDER/lib archives
# to link with, Debian's own where they hold position-independent code, and NetCDF and libzip as mgf opens them: with HDF5 and zlib
# inside, whose names stay hidden, and without what reaches for a network. In FOLDER/licences their licences and sources.
# MIRROR and RELEASE say whose sources are built.
set -eu
native=$(dirname "$(readlink -f "$0")")
rm -rf "$1"
mkdir -p "$1/lib" "$1/licences" "$1/sources/lists/partial"
folder=$(readlink -f "$1")
lib=$folder/lib licences=$folder/licences

# Debian's archives
multiarch=$(cc -print-multiarch)
for archive in gsl openblas sqlite3 z; do ln -s "/usr/lib/$multiarch/lib$archive.a" "$lib"; done
ln -s "$(cc -print-file-name=libstdc++.a)" "$lib"
for package in libgsl-dev libopenblas-pthread-dev libsqlite3-dev zlib1g-dev "$(cd "/usr/share/doc/"; ls -d libstdc++-*-dev)"; do
  cp "/usr/share/doc/$package/copyright" "$licences/$(dpkg-query -W -f '${source:Package}' "$package").txt"
  dpkg-query -W -f 'Debian ${source:Package} ${source:Version}\n' "$package" >> "$licences/sources.txt"
done
# pkg-config names the folder of libopenblas.so, where the linker would look before it looks here.
sed "s|^libdir=.*|libdir=$lib|" "$(pkg-config --variable=pcfiledir openblas)/openblas.pc" > "$lib/openblas.pc"
cc -O2 -fPIC -c "$native/portable.c" -o "$lib/portable.o"

# Debian's sources
cd "$folder/sources"
echo "deb-src ${MIRROR:-http://deb.debian.org/debian} ${RELEASE:-bookworm} main" > sources.list
cat > apt.conf <<END
Dir::State::Lists "$PWD/lists"; Dir::Cache "$PWD"; Dir::Etc::SourceList "$PWD/sources.list"; Dir::Etc::SourceParts "-";
APT::Sandbox::User "root";
END
APT_CONFIG=$PWD/apt.conf
export APT_CONFIG CFLAGS="-O2 -fPIC -w"
apt-get -qq update
apt-get -qq source glpk hdf5 libzip netcdf
for package in glpk hdf5 libzip netcdf; do
  mv "$package"-*/ $package
  cp $package/debian/copyright "$licences/$package.txt"
  (cd $package && dpkg-parsechangelog -S Version | sed "s/^/Debian $package /") >> "$licences/sources.txt"
done

mkdir glpk/objects
(cd glpk/objects && cc -c $CFLAGS -DTLS=_Thread_local -DHAVE_SYS_TIME_H -DHAVE_GETTIMEOFDAY \
  $(find ../src -type d -printf '-I%p ') $(find ../src -name '*.c') && ar rcs "$lib/libglpk.a" ./*.o)

(cd hdf5 && ./configure --quiet --prefix="$PWD/../built" --disable-shared --disable-tests --disable-tools && make -s -j"$(nproc)" && make -s install)
built() {
  name=$1
  shift
  cmake -S "$name" -B "$name/build" -DCMAKE_BUILD_TYPE=None -DCMAKE_PREFIX_PATH="$PWD/built" -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF "$@"
  cmake --build "$name/build" -j"$(nproc)"
}
built netcdf -DENABLE_DAP=OFF -DENABLE_NCZARR=OFF -DENABLE_LIBXML2=OFF -DENABLE_PLUGINS=OFF -DENABLE_TESTS=OFF -DENABLE_EXAMPLES=OFF \
  -DBUILD_UTILITIES=OFF
built libzip -DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF -DENABLE_GNUTLS=OFF -DENABLE_MBEDTLS=OFF -DENABLE_OPENSSL=OFF -DHAVE_ARC4RANDOM=OFF \
  -DBUILD_TOOLS=OFF -DBUILD_REGRESS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF

# The first of the names under which mgf looks for each.
shared() {
  name=$1 prefix=$2 archive=$3
  shift 3
  echo "{ global: $prefix; local: *; };" > exports.map
  cc -shared -s -o "$lib/$name" -Wl,-soname,"$name" -Wl,--version-script=exports.map -Wl,--whole-archive "$archive" \
    -Wl,--no-whole-archive "$@" "$lib/libz.a" -lm
}
shared libnetcdf.so.22 'nc_*' netcdf/build/liblib/libnetcdf.a built/lib/libhdf5_hl.a built/lib/libhdf5.a
shared libzip.so.5 'zip_*' libzip/build/lib/libzip.a
rm -rf "$folder/sources"
