#!/bin/sh
# Builds the functions in C to WebAssembly: build.sh [TARGET-DIRECTORY]. By Debian 12's clang 14, lld 14, wasi-libc and
# libclang-rt-14-dev-wasm32.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here}
for function in echo words titles; do
  clang-14 --target=wasm32-wasi -Os -Wall -Wextra -Werror \
    -I "$here/../../sandbox/src/main/resources/dev/cloister/sandbox/guest/wasm" \
    -Wl,--stack-first,-z,stack-size=65536,--gc-sections,--strip-all -o "$target/$function.wasm" "$here/$function.c"
done
