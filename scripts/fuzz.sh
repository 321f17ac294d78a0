#!/usr/bin/env bash
# Feeds every parser what nobody would send it, by libFuzzer with the address sanitizer.
# Usage: fuzz.sh [TARGET...]; FUZZ_SECONDS for each target (60), default all of Fuzz/*.swift.
# `fuzz.sh seeds` writes the seeds of the corpora anew. What crashed is kept in .build-fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."

out=.build-fuzz
seconds=${FUZZ_SECONDS:-60}
mkdir -p "$out/modules" "$out/crashes"

flags=(-package-name mspd -swift-version 6 -O -g -parse-as-library -wmo
    -use-ld=lld -sanitize=fuzzer,address -I "$out/modules"
    -Xcc -fmodule-map-file="$out/CKernels.modulemap"
    -Xcc -fmodule-map-file="$out/CUnicode.modulemap"
    -Xcc -fmodule-map-file="$PWD/Sources/CStemmer/module.modulemap"
    -Xcc -fmodule-map-file="$PWD/Sources/CTurboJPEG/module.modulemap"
    -Xcc -fmodule-map-file="$PWD/Sources/CLZ4/module.modulemap"
    -Xcc -fmodule-map-file="$PWD/Sources/CZstd/module.modulemap")
for feature in ExistentialAny InternalImportsByDefault MemberImportVisibility; do
    flags+=(-enable-upcoming-feature "$feature")
done
flags+=(-enable-experimental-feature Lifetimes)

# The C targets: an object each, and a module map as SwiftPM would make it.
c_target() {
    printf 'module %s { header "%s" export * }\n' "$1" "$PWD/Sources/$1/include/$1.h" \
        >"$out/$1.modulemap"
    local source
    for source in "Sources/$1"/*.c; do
        clang -O2 -g -fsanitize=fuzzer-no-link,address -I "Sources/$1/include" \
            -c "$source" -o "$out/modules/$1-$(basename "$source").o"
    done
}

# A module of ours: its name, then its files.
module() {
    local name=$1 newest
    shift
    newest=$(ls -t "$@" | head -n 1)
    [ "$out/modules/$name.o" -nt "$newest" ] && [ -z "${rebuilt:-}" ] && return
    rebuilt=yes
    echo "compiling $name"
    swiftc "${flags[@]}" -module-name "$name" -emit-module \
        -emit-module-path "$out/modules/$name.swiftmodule" -c "$@" -o "$out/modules/$name.o"
}

files() { find "$@" -name '*.swift' | sort; }

# Of Net what knows no sockets.
net=()
for name in Complaint Field Frame Grammar Limits LineHead LineScanner Request RequestDecoder \
    RequestParser Spelling VerbShape Writer; do
    [ -e "Sources/Net/$name.swift" ] && net+=("Sources/Net/$name.swift")
done

c_target CKernels
c_target CUnicode
for name in Storage TextIndex VectorIndex Segments Media Gateway; do
    # shellcheck disable=SC2046
    module "$name" $(files "Sources/$name")
done
module Net "${net[@]}"
# shellcheck disable=SC2046
module TestSupport $(files Tests/TestSupport)

# A program: its name, then the files that are its own.
link() {
    local name=$1
    shift
    swiftc "${flags[@]}" -module-name "Fuzz$name" -emit-executable -emit-module-path \
        "$out/$name.swiftmodule" "$@" "$out"/modules/*.o -o "$out/$name" -llz4 -lzstd -licuuc -lstemmer -lturbojpeg
}

if [ "${1:-}" = seeds ]; then
    # It brings a main of its own.
    flags=("${flags[@]/-sanitize=fuzzer,address/-sanitize=address}" -sanitize-coverage=edge)
    link Seeds Fuzz/Seeds.swift Fuzz/Support/SmallIndex.swift
    exec "$out/Seeds" Fuzz/corpus
fi

targets=("$@")
[ ${#targets[@]} -gt 0 ] || for file in Fuzz/*.swift; do
    name=$(basename "$file" .swift)
    [ "$name" = Seeds ] || targets+=("$name")
done
status=0
for target in "${targets[@]}"; do
    # shellcheck disable=SC2046
    link "$target" "Fuzz/$target.swift" $(files Fuzz/Support)
    mkdir -p "$out/found/$target"
    echo "== $target for $seconds seconds"
    # A crash handler that walks the stack would take longer than the run.
    SWIFT_BACKTRACE=enable=no nice "$out/$target" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$out/crashes/$target-" "$out/found/$target" "Fuzz/corpus/$target" ||
        status=1
done
exit "$status"
