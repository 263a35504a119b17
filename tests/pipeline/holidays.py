"""The holidays of 2027 as a made-up list, in the form of the public holiday data.

Nobody has published it yet.
"""

import json
from datetime import date

OFF = {
    "元旦": [(1, 1), (1, 2), (1, 3)],
    "春节": [(2, 5), (2, 6), (2, 7), (2, 8), (2, 9), (2, 10), (2, 11)],
    "清明节": [(4, 5)],
    "劳动节": [(5, 1), (5, 2), (5, 3)],
    "端午节": [(6, 9)],
    "中秋节": [(9, 15)],
    "国庆节": [(10, 1), (10, 2), (10, 3), (10, 4), (10, 5), (10, 6), (10, 7)],
}
WORKED = {"春节": [(1, 30), (2, 20)], "国庆节": [(9, 26), (10, 9)]}


def holiday_json(**changes: object) -> bytes:
    """``2027.json`` as people download it; ``changes`` replace whole entries (``days=[]``)."""
    days = [
        {"name": name, "date": date(2027, *day).isoformat(), "isOffDay": off}
        for off, listed in ((True, OFF), (False, WORKED))
        for name, of_name in listed.items()
        for day in of_name
    ]
    said = {
        "$schema": "https://example.org/holiday-cn/schema.json",
        "$id": "https://example.org/holiday-cn/2027.json",
        "year": 2027,
        "papers": ["http://www.gov.cn/zhengce/content/example.htm"],
        "days": sorted(days, key=lambda day: str(day["date"])),
        **changes,
    }
    return json.dumps(said, ensure_ascii=False, indent=4).encode()


def holiday_csv() -> bytes:
    """The same year as our CSV."""
    lines = ["day,working,note", "2027,whole"]
    for working, listed in (("no", OFF), ("yes", WORKED)):
        lines += [
            f"{date(2027, *day)},{working},{name}" for name, days in listed.items() for day in days
        ]
    return "\ufeff".encode() + "\r\n".join(lines).encode()
