#!/bin/sh
# install.sh BINARY PREFIX: the tool without its debugging symbols, and what shells need to complete its options.
set -eu
binary=$1 prefix=$2
install -D "$binary" "$prefix/bin/mgf"
strip "$prefix/bin/mgf"
completions() {
  mkdir -p "$(dirname "$prefix/share/$2")"
  "$binary" --generate-completion-script "$1" > "$prefix/share/$2"
}
completions bash bash-completion/completions/mgf
completions zsh zsh/site-functions/_mgf
completions fish fish/vendor_completions.d/mgf.fish
