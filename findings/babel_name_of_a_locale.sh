#!/usr/bin/env sh
# babel 2.18.0 str(Locale.parse("zh_CN")): the script that was not asked for is put in. One expects the name that was
# parsed, since en_US comes back as en_US: a folder of catalogues named zh_CN is then looked for as zh_Hans_CN.
# Seen: zh_CN is zh_Hans_CN, zh_TW is zh_Hant_TW, sr_RS is sr_Cyrl_RS; en_US and ja_JP stay.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: babel==2.18.0
"$folder/venv/bin/python" - <<'PY'
import babel
from babel import Locale

names = {asked: str(Locale.parse(asked)) for asked in ("zh_CN", "zh_TW", "sr_RS", "en_US", "ja_JP")}
print("babel", babel.__version__, names)
assert (names["zh_CN"], names["zh_TW"], names["sr_RS"]) == ("zh_Hans_CN", "zh_Hant_TW", "sr_Cyrl_RS")
assert (names["en_US"], names["ja_JP"]) == ("en_US", "ja_JP")
PY
