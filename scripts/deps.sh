#!/usr/bin/env bash
# Sees to what the build needs, and with "tests" to what only tests look at. Silent when all is
# there; installs what is missing where apt-get is; elsewhere says what to install.
set -euo pipefail

swift_min=6.2

complain() {
    printf '%s\n' "$@" >&2
    exit 1
}

command -v swift >/dev/null ||
    complain "Swift is missing." "mspd needs $swift_min or newer, from https://swift.org/install"
swift_version=$(swift --version 2>/dev/null |
    sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
oldest=$(printf '%s\n' "$swift_min" "${swift_version:-0}" | sort -V | head -n 1)
[ "$oldest" = "$swift_min" ] ||
    complain "Swift ${swift_version:-of unknown version} is too old." \
        "mspd needs $swift_min or newer, from https://swift.org/install"

missing=()
has_library() { command -v pkg-config >/dev/null && pkg-config --exists "$1"; }
# The demonstration speaks to the server through nc, and needs the one that has -N and -U.
has_netcat() { command -v nc >/dev/null && nc -h 2>&1 | grep -q OpenBSD; }

command -v pkg-config >/dev/null || missing+=(pkg-config)
has_library liblz4 || missing+=(liblz4-dev)
has_library libzstd || missing+=(libzstd-dev)
has_library libturbojpeg || missing+=(libturbojpeg0-dev)
has_library icu-uc || missing+=(libicu-dev)
[ -e /usr/include/libstemmer.h ] || [ -e /usr/local/include/libstemmer.h ] ||
    missing+=(libstemmer-dev)
has_netcat || missing+=(netcat-openbsd)
# Films are read, and in tests made, by ffmpeg.
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || missing+=(ffmpeg)

# Unicode's own cases of where words end. The test that asks them can do without: it says so.
cases=/usr/share/unicode/auxiliary/WordBreakTest.txt
if [ "${1:-}" = tests ] && [ ! -e "$cases" ] && command -v apt-get >/dev/null &&
    { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; then
    optional=unicode-data
fi
[ ${#missing[@]} -gt 0 ] || [ -n "${optional:-}" ] || exit 0

command -v apt-get >/dev/null || complain \
    "Missing: ${missing[*]} (names of Debian's packages)." \
    "Install what your system calls them: the development files of LZ4, Zstandard," \
    "TurboJPEG, ICU and Snowball's libstemmer, pkg-config, OpenBSD's netcat, and ffmpeg."

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        complain "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
fi
# Installs packages, for so many seconds at most; 0 is for as long as it takes.
install() {
    "${as_root[@]}" timeout "$1" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout "$1" \
            apt-get install -y -qq --no-install-recommends "${@:2}"
}
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]}"
    install 0 "${missing[@]}"
fi
if [ -n "${optional:-}" ]; then
    echo "installing $optional"
    install 60 "$optional" || echo "goes on without $optional"
fi
