"""Previews of recordings that browsers do not play: shown where ready, else how far they are."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api import media
from api.auth import runtime_of
from api.operations.addresses import CaseAddresses
from api.operations.case_page import Viewer, plays
from api.pages import texts_of
from api.turned_away import NotHere
from pipeline.deciding.previews import Preview, State, preview_of
from pipeline.runtime import Runtime
from scheme.reading import MediaKind
from scheme.report import FiledEvidence


def of_file(runtime: Runtime, file: FiledEvidence) -> Preview | None:
    """The preview of a recording that browsers do not play; ``None`` where none is wanted.

    It is begun where there is none yet.
    """
    facts = file.readings.facts if file.readings else None
    if facts is None or file.kind is not MediaKind.VIDEO or plays(file):
        return None
    return preview_of(runtime, file.sha256, file.file_name, facts.duration_ms or 0)


def watched(
    runtime: Runtime, viewer: Viewer | None, asked: Mapping[str, str], addresses: CaseAddresses
) -> Viewer | None:
    """The viewer with the preview of its recording: playing, unless a frame was asked for."""
    preview = of_file(runtime, viewer.file) if viewer else None
    if viewer is None or preview is None:
        return viewer
    if preview.state is not State.READY:
        return replace(viewer, preview=preview)
    if asked.get("ms"):
        return replace(viewer, preview=preview, may_play=True)
    address = addresses.preview(viewer.file.sha256)
    return replace(viewer, preview=preview, may_play=True, plays=address, ms=None, others=())


def recording(request: Request, file: FiledEvidence) -> Response:
    """The preview for the player. Raises NotHere while there is none."""
    preview = of_file(runtime_of(request), file)
    if preview is None or preview.path is None:
        raise NotHere
    return media.preview(preview.path)


def state(request: Request, file: FiledEvidence) -> JSONResponse:
    """How far the preview is, in words. Raises NotHere where none is wanted."""
    preview = of_file(runtime_of(request), file)
    if preview is None:
        raise NotHere
    text = texts_of(request).t(f"preview.{preview.state}", percent=preview.percent)
    told = {"state": preview.state.value, "percent": preview.percent, "text": text}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})
