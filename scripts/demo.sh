#!/usr/bin/env bash
# mspd from nothing to an answer: a server on a scratch folder, an import, three searches, a clean
# stop. Usage: demo.sh MSPD [FOLDER], where FOLDER holds subtitles or films of your own.
set -euo pipefail
cd "$(dirname "$0")/.."

mspd=$1
own_files=${2:-}
files=${own_files:-examples/screenplay}
[ -e "$files" ] || { echo "demo: there is no $files" >&2; exit 2; }

. scripts/scratch-server.sh

# Shows a command as one would type it, then runs it.
show() {
    printf '$'
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

# A search of one's own files may find nothing, which is an answer too (exit status 1).
search() {
    local status=0
    show "$mspd" search "$@" --server "$socket" || status=$?
    [ "$status" -ne 0 ] || return 0
    if [ "$status" -ne 1 ] || [ -z "$own_files" ]; then return "$status"; fi
    echo "(nothing found)"
}

# Three words in a row that a subtitle file of the folder has, or a stretch of a script that puts no
# spaces between words: from the first line with as many, in the first file that has one. Markup,
# times and punctuation are left aside.
three_words() {
    local file line
    while IFS= read -r -d '' file; do
        line=$(LC_ALL=C sed -e 's/\r$//' \
            -e '/-->/d' -e '/^WEBVTT/d' -e '/^NOTE/d' -e '/^[0-9]*$/d' \
            -e 's/.*"text" *: *"\([^"]*\)".*/\1/' -e 's/<[^>]*>//g' -e 's/{[^}]*}//g' "$file" |
            LC_ALL=C awk '
                {
                    gsub(/[^A-Za-z\047\200-\377]+/, " ")
                    $0 = $0
                    if (NF >= 3) { print $1, $2, $3; exit }
                    if ($1 ~ /^[\200-\377]+$/ && length($1) >= 12) { print $1; exit }
                }')
        if [ -n "$line" ] && printf '%s' "$line" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1; then
            printf '%s\n' "$line"
            return
        fi
    done < <(find -L "$files" -type f \( -iname '*.srt' -o -iname '*.vtt' -o -iname '*.ttml' \
        -o -iname '*.ndjson' \) -print0 | sort -z)
    echo "to be or"
}

heading "A server on an empty folder"
echo "\$ mspd serve --data $scratch/data --listen 127.0.0.1:0 --socket $socket"
"$mspd" serve --data "$scratch/data" --listen 127.0.0.1:0 --socket "$socket" >"$log" 2>&1 &
server=$!
for _ in $(seq 100); do
    [ ! -S "$socket" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
cat "$log"
[ -S "$socket" ] || { echo "demo: the server did not start" >&2; exit 1; }

heading "Import $files"
# Our own screenplay is cut at 24 frames a second, so its times come out as SMPTE labels.
rate=()
[ "$files" = examples/screenplay ] && rate=(--fps 24)
show "$mspd" import "$files" "${rate[@]}" --server "$socket"

if [ -n "$own_files" ]; then words=$(three_words); else words="we have to go back"; fi
request="SEARCH dialogue \"$words\" limit=3"

heading "The line protocol, with nc and awk: the phrase, word for word"
echo "\$ printf '$request\\nQUIT\\n' | nc -N -U $socket | awk ..."
reply=$(printf '%s\nQUIT\n' "$request" | timeout 30 nc -N -U "$socket")
printf '%s\n' "$reply" | awk -F '\t' '
    /^=/ {
        split("", field)
        for (i = 2; i <= NF; i++) {
            key = $i
            sub(/=.*/, "", key)
            field[key] = substr($i, length(key) + 2)
        }
        printf "  %s  %s  %s\n", field["in"], field["title"], field["text"]
    }
    /^\./ || /^-/'
if printf '%s\n' "$reply" | grep -q '^-'; then exit 3; fi
title=$(printf '%s\n' "$reply" | awk -F '\t' '
    /^=/ { for (i = 2; i <= NF; i++) if (sub(/^title=/, "", $i)) { print $i; exit } }')

heading "From the shell: any of the words, the best lines first"
search "$words"

heading "In one title, as JSON for a program to read"
search "\"$words\"" ${title:+--title "$title"} --format json

heading "Stop"
echo "\$ kill -TERM $server"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
[ "$status" -eq 0 ] || { echo "demo: the server ended with status $status" >&2; exit 1; }
echo "The server finished what was pending and ended with status 0."
