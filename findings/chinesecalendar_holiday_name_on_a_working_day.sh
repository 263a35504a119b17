#!/usr/bin/env sh
# chinesecalendar 1.11.0 get_holiday_detail: on a weekend that is worked in exchange for a holiday it answers with that
# holiday's name beside False. One expects no name on a day that is no holiday, so `if name:` takes a working day for a
# day off; only the first of the two values counts.
# Seen: 2026-01-04 is (False, "New Year's Day") and a workday, 2026-01-01 (True, "New Year's Day"), 2026-01-05 (False, None).
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --only-binary=:all: chinesecalendar==1.11.0
"$folder/venv/bin/python" - <<'PY'
from datetime import date
from importlib.metadata import version

import chinese_calendar

days = [date(2026, 1, 1), date(2026, 1, 4), date(2026, 1, 5)]
details = [chinese_calendar.get_holiday_detail(day) for day in days]
print("chinesecalendar", version("chinesecalendar"), dict(zip(map(str, days), details, strict=True)))
assert details == [(True, "New Year's Day"), (False, "New Year's Day"), (False, None)]
assert chinese_calendar.is_workday(date(2026, 1, 4))
PY
