#!/bin/sh
# licences.sh SCRATCH FOLDER: the licences of what the binary holds besides our own code.
set -eu
checkouts=$1/checkouts folder=$2
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
mkdir -p "$folder"
cp "$toolchain/share/swift/LICENSE.txt" "$folder/swift.txt" # with Foundation and Dispatch
for package in swift-argument-parser swift-numerics GRDB.swift Yams swift-nio swift-atomics swift-collections swift-system; do
  cat "$checkouts/$package"/LICENSE* > "$folder/$package.txt"
done
cat "$checkouts/swift-nio/NOTICE.txt" >> "$folder/swift-nio.txt"
cp Sources/Explorer/Page/uPlot.LICENSE.txt "$folder/uPlot.txt"
# In Foundation: ICU; in Yams: LibYAML.
cat /usr/share/doc/libicu[0-9]*/copyright > "$folder/icu.txt"
cat > "$folder/libyaml.txt" <<'END'
Copyright (c) 2017-2020 Ingy döt Net
Copyright (c) 2006-2016 Kirill Simonov

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
END
cp /usr/share/doc/libgsl-dev/copyright "$folder/gsl.txt"
