"""Material that we take in for a reporter: at the desk, from an envelope, at the terminal."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from pipeline.receiving import claims, drafts, incoming
from pipeline.receiving import reporters as who_reports
from pipeline.receiving.drafts import ReporterInput
from pipeline.runtime import Runtime, Work
from scheme.report import Channel, Claim


def written_down(
    work: Work, *, channel: Channel, claim: Claim, reporters: Sequence[ReporterInput]
) -> str:
    """A draft with claim and reporters; its id. Raises what saving either raises."""
    report_id = drafts.open_draft(work, channel=channel).report_id
    claims.save_claim(work, report_id=report_id, claim=claim)
    who_reports.save_reporters(work, report_id=report_id, reporters=reporters)
    return report_id


def stored(runtime: Runtime, report_id: str, files: Iterable[tuple[str, BinaryIO]]) -> None:
    """Take each file, a name with its open stream, into the draft."""
    for file_name, stream in files:
        incoming.store_file(runtime, report_id=report_id, file_name=file_name, stream=stream)
