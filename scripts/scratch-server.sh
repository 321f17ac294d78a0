# What the demonstrations share, to be sourced: a scratch folder with a socket and a log, and a
# server (its process in $server) that goes with them however the script ends.

scratch=$(mktemp -d "${TMPDIR:-/tmp}/mspd-demo.XXXXXX")
socket=$scratch/mspd.sock
log=$scratch/server.log
server=

cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

heading() { printf '\n== %s\n' "$*"; }
