#!/usr/bin/env bash
# Sees to what the build needs. Silent when all is there; installs what is missing where apt-get is;
# elsewhere says what to install.
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
has_library icu-uc || missing+=(libicu-dev)
[ -e /usr/include/libstemmer.h ] || [ -e /usr/local/include/libstemmer.h ] ||
    missing+=(libstemmer-dev)
has_netcat || missing+=(netcat-openbsd)
# Films are read, and in tests made, by ffmpeg.
command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || missing+=(ffmpeg)
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || complain \
    "Missing: ${missing[*]} (names of Debian's packages)." \
    "Install what your system calls them: the development files of LZ4, Zstandard, ICU and" \
    "Snowball's libstemmer, pkg-config, OpenBSD's netcat, and ffmpeg."

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        complain "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
