"""Files that leave as downloads: attachments in a sandbox, not to be sniffed, no page (T23)."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from fastapi.responses import FileResponse, Response

AN_HOUR: Final = "private, max-age=3600"
NEVER: Final = "no-store"
SEALED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
)


def stored(path: Path, name: str, media_type: str, *, keep: str = NEVER) -> FileResponse:
    """A file as it lies on the disk, by ranges; ``keep``: how long the browser may have it."""
    return FileResponse(
        path,
        media_type=media_type,
        filename=name,
        content_disposition_type="attachment",
        headers={**SEALED, "Cache-Control": keep},
    )


def made(content: bytes, name: str, media_type: str) -> Response:
    """A file that was made for this very answer."""
    quoted = quote(name)
    called = f'filename="{name}"' if quoted == name else f"filename*=utf-8''{quoted}"
    return Response(
        content,
        media_type=media_type,
        headers={
            **SEALED,
            "Content-Disposition": f"attachment; {called}",
            "Cache-Control": NEVER,
        },
    )
