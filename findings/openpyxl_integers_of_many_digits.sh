#!/usr/bin/env sh
# openpyxl 3.1.5 Worksheet.append, Workbook.save: a Python int of more than 16 digits is stored rounded, without a word.
# A spreadsheet keeps 15 digits of a number, so one expects its programs to round; but the file is text, an int has all
# its digits, and one guesses that they are written and lost only when a spreadsheet opens the file. They are lost on saving:
# a card or order number has to be given as a str.
# Seen: 1234567890123456 (16 digits) is stored whole; 12345678901234567 becomes 1.234567890123457e+16 and comes back as the
# float 12345678901234570.0; the str comes back as it was.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: openpyxl==3.1.5
"$folder/venv/bin/python" - <<'PY'
import io
import re
import zipfile

import openpyxl

book = openpyxl.Workbook()
numbers = [1234567890123456, 12345678901234567, "12345678901234567"]
book.active.append(numbers)
stored = io.BytesIO()
book.save(stored)
sheet = zipfile.ZipFile(stored).read("xl/worksheets/sheet1.xml").decode()
written = re.findall("<v>([^<]*)</v>", sheet)
again = [cell.value for cell in openpyxl.load_workbook(stored).active[1]]
print("openpyxl", openpyxl.__version__, written, again)
assert written[:2] == ["1234567890123456", "1.234567890123457e+16"]
assert again == [1234567890123456, 12345678901234570.0, "12345678901234567"]
assert [type(value) for value in again] == [int, float, str]
PY
