#!/usr/bin/env sh
# openpyxl 3.1.5 Worksheet.append: a text that looks like a spreadsheet's error ("#N/A", "#NULL!") becomes an error cell.
# One knows that "=1+1" becomes a formula and guards against it; here a spreadsheet then shows an error, and sums over the
# column fail, though a plain text was written.
# Seen: "#N/A" and "#REF!" have data type e before and after storing, "#n/a" and "# N/A" s.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: openpyxl==3.1.5
"$folder/venv/bin/python" - <<'PY'
import io

import openpyxl

book = openpyxl.Workbook()
for text in ("#N/A", "#REF!", "#n/a", "# N/A", "=1+1"):
    book.active.append([text])
stored = io.BytesIO()
book.save(stored)
cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(stored.getvalue())).active.iter_rows()]
kinds = {cell.value: cell.data_type for cell in cells}
print("openpyxl", openpyxl.__version__, kinds)
assert kinds == {"#N/A": "e", "#REF!": "e", "#n/a": "s", "# N/A": "s", "=1+1": "f"}
PY
