#!/bin/sh
# Compiles the twin to WebAssembly: build.sh FOLDER [FOLDER OF swiftc AND wasm-ld] leaves FOLDER/engine.wasm, the same bytes
# wherever and whenever it is run by the same toolchain.
set -e
# Files in the same order everywhere.
export LC_ALL=C
cd "$(dirname "$0")/../../.."
mkdir -p "$1"
[ -z "$2" ] || PATH="$2:$PATH"
swiftc -target wasm32-unknown-none-wasm -swift-version 6 -O -wmo -parse-as-library -module-name Portable \
  -enable-experimental-feature Embedded -enable-experimental-feature Extern \
  -Xcc -msimd128 -Xcc -mbulk-memory -Xfrontend -disable-stack-protector -Xfrontend -disable-incremental-llvm-codegen \
  -c Sources/RandomStreams/*.swift Sources/Portable/*.swift Sources/Portable/WebAssembly/*.swift -o "$1/engine.o"
wasm-ld --no-entry --gc-sections --strip-all --wrap=free --stack-first -z stack-size=1048576 "$1/engine.o" -o "$1/engine.wasm"
rm "$1/engine.o"
