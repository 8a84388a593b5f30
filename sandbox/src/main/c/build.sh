#!/bin/sh
# Builds the interpreter that JavaScript runs in: build.sh TARGET-FILE, which is the resource guest/javascript/javascript.wasm
#
# QuickJS 2021-03-27 (MIT, Fabrice Bellard and Charlie Gordon), whose source the npm package qjsc 0.3.0 carries whole, and
# javascript.c beside this file; by Debian 12's clang 14, lld 14, wasi-libc and libclang-rt-14-dev-wasm32.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent qjsc@0.3.0 >/dev/null && tar xzf qjsc-0.3.0.tgz package/deps/quickjs_2021_03_27)
quickjs=$work/package/deps/quickjs_2021_03_27
echo "b3574a58f159bf5fc2ceaf9153ffb2181a20408dcd66701114342805298cbaf4  $quickjs/quickjs.c" | sha256sum --check --quiet
# No threads, so no Atomics; a switch instead of computed jumps, which WebAssembly does not have.
sed -i -e 's/^#define CONFIG_ATOMICS$//' -e 's/^#define DIRECT_DISPATCH  1$/#define DIRECT_DISPATCH  0/' "$quickjs/quickjs.c"
flags="--target=wasm32-wasi -Oz -DNDEBUG -D_GNU_SOURCE -DCONFIG_BIGNUM -DFE_DOWNWARD=1 -DFE_UPWARD=2 -include malloc.h -fno-exceptions -ffunction-sections -fdata-sections -w"
for unit in quickjs libregexp libunicode cutils libbf; do
  clang-14 $flags -DCONFIG_VERSION='"2021-03-27"' -c "$quickjs/$unit.c" -o "$work/$unit.o"
done
clang-14 --target=wasm32-wasi -Oz -Wall -Wextra -Wno-unused-parameter -I "$quickjs" -I "$here/../resources/dev/cloister/sandbox/guest/wasm" \
  -c "$here/javascript.c" -o "$work/javascript.o"
clang-14 --target=wasm32-wasi -Wl,--stack-first,-z,stack-size=1048576,--gc-sections,--strip-all -o "$1" "$work"/*.o
