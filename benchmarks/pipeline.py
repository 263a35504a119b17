"""The whole job, from the upload to the recommendation.

Its processor time, its pace, its memory, its start.

``python -m benchmarks.pipeline [--data DIR] [--workers N] [--rounds N] [--quick]`` (Linux: it reads
/proc).

``photo_ratio``: a 12-megapixel photo stored, submitted, read in its child, judged and recommended,
over one bare pass of the text reader on the same file; ``photo_ratio_no_text``: the same for a
photo without a letter in it, where the bare pass is cheap; ``video_ratio``: a minute of 1080p30
over decoding all its frames on one thread. The child's seconds count. Every round handles other
bytes (a comment more), because equal bytes are read once; what was read in earlier rounds lies in
the index, as it would. ``photo_ratio_data`` is the same for a real photo below DIR (no real
recording there is a minute of 1080p). ``submit_to_recommendation_p50_s`` begins with the submission
right after the upload, before any reader has seen the file; ``coached_p50_s`` when a reader has
been through it, as people see it.
"""

import argparse
import contextlib
import os
import secrets
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import av

from benchmarks._bare import bare_reader
from benchmarks.measure import cpu_seconds, progress, quantile, result
from pipeline.containment import opening
from pipeline.doors.supervisor import free, parts
from pipeline.doors.tasks import open_runtime
from pipeline.receiving.claims import save_claim
from pipeline.receiving.drafts import ReporterInput, open_draft
from pipeline.receiving.incoming import store_file
from pipeline.receiving.reporters import save_reporters
from pipeline.receiving.submitting import submit
from pipeline.runtime import Runtime, SilentBell
from pipeline.settings import Settings
from pipeline.store import reports
from pipeline.verifying import coaching, verification
from pipeline.verifying.fleet import import_roster
from samples import benchmark
from samples.roster import roster_csv
from scheme.case import ReportState
from scheme.reading import PlateNumber
from scheme.report import Channel, Claim

NOW = datetime(2026, 6, 11, 2, 0, tzinfo=UTC)
EACH = 6
"""Reports a worker in the measurement of pace."""

GIVEN_UP_S = 300
CLAIM = Claim(
    category="wrong_way",
    violated_at=benchmark.TAKEN_AT,
    route="49",
    plate=PlateNumber("沪A05127D"),
    place="汉口路",
    latitude=31.2365,
    longitude=121.4823,
)


def main() -> None:
    """Measure and print the figures."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--data", type=Path, default=None, help="the folder that holds buses/")
    arguments.add_argument(
        "--workers", type=int, default=2, help="workers for the speed-up (default 2)"
    )
    arguments.add_argument("--rounds", type=int, default=5, help="rounds of each ratio (default 5)")
    arguments.add_argument(
        "--quick", action="store_true", help="photos only: no clip is drawn or read"
    )
    asked = arguments.parse_args()
    with TemporaryDirectory() as folder:
        inputs = _drawn(Path(folder), with_clip=not asked.quick)
        if asked.data is not None:
            inputs["photo_ratio_data"] = max(
                (asked.data / "buses").glob("*.jpg"), key=lambda file: file.stat().st_size
            )
        runtime = Runtime.open(Settings.under(Path(folder) / "one" / "home"), now=lambda: NOW)
        figures: dict[str, object] = {}
        for name, file in inputs.items():
            rounds = asked.rounds if not name.startswith("video") else max(2, asked.rounds // 2)
            figures |= _ratio(runtime, name, file, rounds)
        runtime.close()
        opening.shut_down()
        figures |= _workers(Path(folder) / "many" / "home", inputs, asked.workers)
        figures["start_s"] = _start_s(Path(folder) / "many" / "home")
    result(figures)


def _drawn(folder: Path, *, with_clip: bool) -> dict[str, Path]:
    progress("drawing")
    files = {
        "photo_ratio": benchmark.photo(folder / "photo.jpg"),
        "photo_ratio_no_text": benchmark.photo(folder / "empty.jpg", with_bus=False),
    }
    if with_clip:
        files["video_ratio"] = benchmark.clip(folder / "clip.mp4")
    return files


# -- processor time --------------------------------------------------------------------------------


@dataclass
class _Round:
    """A report ready to be uploaded: its draft is open, its file lies outside."""

    runtime: Runtime
    file: Path
    report_id: str = field(default="")

    def prepare(self) -> None:
        """What a passenger has typed before the upload."""
        with self.runtime.write() as work:
            self.report_id = open_draft(work, channel=Channel.WEB).report_id
            save_claim(work, report_id=self.report_id, claim=CLAIM)
            person = ReporterInput("王小明", f"138{secrets.randbelow(10**8):08}")
            save_reporters(work, report_id=self.report_id, reporters=[person])

    def upload(self) -> None:
        with self.file.open("rb") as stream:
            store_file(
                self.runtime, report_id=self.report_id, file_name=self.file.name, stream=stream
            )

    def submit(self) -> None:
        with self.runtime.write() as work:
            submit(work, report_id=self.report_id, consent=True)

    def job(self) -> None:
        """The whole job in this process, as a worker and the web server do it between them."""
        self.upload()
        self.submit()
        assert verification.verify_report(self.runtime, report_id=self.report_id)


def _ratio(runtime: Runtime, name: str, file: Path, rounds: int) -> dict[str, object]:
    bare = _text_pass if name.startswith("photo") else _decode_all
    costs: dict[str, list[float]] = {"bare": [], "job": []}
    for number in range(rounds + 1):  # the first round loads models and starts the nursery
        one = _Round(runtime, _with_other_bytes(file, number))
        one.prepare()
        bare_s, job_s = _cpu_of(partial(bare, one.file)), _cpu_of(one.job)
        one.file.unlink()
        if number:
            costs["bare"].append(bare_s)
            costs["job"].append(job_s)
            progress(f"{name} {number} of {rounds}: bare {bare_s:.2f} s, whole job {job_s:.2f} s")
    bare_s, job_s = statistics.median(costs["bare"]), statistics.median(costs["job"])
    return {
        name: round(job_s / bare_s, 3),
        f"{name}_job_cpu_s": round(job_s, 2),
        f"{name}_bare_cpu_s": round(bare_s, 2),
    }


def _text_pass(file: Path) -> object:
    """The bare pass, from the file to the texts."""
    return bare_reader()(str(file))


def _decode_all(file: Path) -> None:
    """Every frame to nowhere, on one thread."""
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        for _ in container.decode(stream):
            pass


def _cpu_of(work: Callable[[], object]) -> float:
    """User + system seconds of this process, its living children and theirs that have ended."""
    before = cpu_seconds() + _living_children_cpu_s()
    work()
    return cpu_seconds() + _living_children_cpu_s() - before


def _living_children_cpu_s() -> float:
    """The nursery's seconds with those of the decoder children that it has buried."""
    ticks, me = os.sysconf("SC_CLK_TCK"), os.getpid()
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(fields[1]) == me:
                total += sum(int(used) for used in fields[11:15]) / ticks
    return total


def _with_other_bytes(file: Path, number: int) -> Path:
    """A copy that shows the same and hashes differently.

    A JPEG comment, or an empty box at an MP4's end.
    """
    other = file.with_name(f"{number}-{secrets.token_hex(4)}{file.suffix}")
    content, mark = file.read_bytes(), secrets.token_bytes(16)
    if content.startswith(b"\xff\xd8"):
        comment = b"\xff\xfe" + struct.pack(">H", len(mark) + 2) + mark
        other.write_bytes(content[:2] + comment + content[2:])
    else:
        other.write_bytes(content + struct.pack(">I", len(mark) + 8) + b"free" + mark)
    return other


# -- workers ---------------------------------------------------------------------------------------


def _workers(home: Path, inputs: Mapping[str, Path], count: int) -> dict[str, object]:
    settings = Settings.under(home)
    home.mkdir(parents=True)
    (home / "clock-ahead").write_text(
        str((NOW - datetime.now(UTC)).total_seconds()), encoding="utf-8"
    )
    runtime = replace(open_runtime(settings), now=lambda: NOW)
    with runtime.write() as work:
        import_roster(
            work,
            actor="cli",
            effective_from=date(2026, 1, 1),
            content=roster_csv().encode(),
        )
    photo, running = inputs["photo_ratio"], [_started("worker photos", home)]
    figures: dict[str, object] = {}
    _pace(runtime, photo, 2)  # warms it up
    waits = [_wait_s(runtime, photo, coached=False) for _ in range(EACH)]
    coached = [_wait_s(runtime, photo, coached=True) for _ in range(EACH)]
    alone = _pace(runtime, photo, EACH)
    figures["submit_to_recommendation_p50_s"] = round(quantile(waits, 0.5) or 0, 2)
    figures["coached_p50_s"] = round(quantile(coached, 0.5) or 0, 2)
    running += [_started("worker photos", home) for _ in range(count - 1)]
    _pace(runtime, photo, 3 * count)
    together = _pace(runtime, photo, EACH * count)
    progress(f"one worker {alone:.3f} reports a second, {count} workers {together:.3f}")
    figures |= {
        "reports_per_s": round(together, 3),
        "worker_speedup": round(together / alone, 2),
        "workers": count,
    }
    if "video_ratio" in inputs:
        running.append(_started("worker videos", home))
        figures["video_submit_to_recommendation_s"] = round(
            _wait_s(runtime, inputs["video_ratio"], coached=False), 2
        )
    figures["worker_rss_mib"] = max(_peak_mib(process.pid) for process in running)
    figures["nursery_rss_mib"] = max(
        _peak_mib(child) for process in running for child in _children(process.pid)
    )
    for process in running:
        process.terminate()
    for process in running:
        process.wait(60)
    runtime.close()
    return figures


def _pace(runtime: Runtime, photo: Path, count: int) -> float:
    """Reports a second, from the first submission to the last recommendation.

    The files are uploaded before.
    """
    quiet = replace(runtime, ring=SilentBell())  # an upload then starts no reader
    rounds = [_Round(quiet, _with_other_bytes(photo, number)) for number in range(count)]
    for one in rounds:
        one.prepare()
        one.upload()
        one.file.unlink()
    began = time.perf_counter()
    for one in rounds:
        replace(one, runtime=runtime).submit()
    for one in rounds:
        _until_verified(runtime, one.report_id)
    return count / (time.perf_counter() - began)


def _wait_s(runtime: Runtime, file: Path, *, coached: bool) -> float:
    """Seconds from the submission to the recommendation with idle workers."""
    one = _Round(
        runtime if coached else replace(runtime, ring=SilentBell()), _with_other_bytes(file, 0)
    )
    one.prepare()
    one.upload()
    while coached and not _is_read(runtime, one.report_id):
        time.sleep(0.05)
    began = time.perf_counter()
    replace(one, runtime=runtime).submit()
    _until_verified(runtime, one.report_id)
    one.file.unlink()
    return time.perf_counter() - began


def _is_read(runtime: Runtime, report_id: str) -> bool:
    with runtime.read() as work:
        return all(
            line.code != "NOT_READ_YET" for line in coaching.coach(work, report_id=report_id).lines
        )


def _until_verified(runtime: Runtime, report_id: str) -> None:
    end = time.monotonic() + GIVEN_UP_S
    while True:
        with runtime.read() as work:
            if reports.by_id(work.connection, report_id).state is ReportState.VERIFIED:
                return
        assert time.monotonic() < end, "a report is not verified"
        time.sleep(0.02)


def _started(name: str, home: Path, **more: str) -> subprocess.Popen[bytes]:
    """The supervisor's part of that name."""
    command = next(part.command for part in parts() if part.name == name)
    environment = {**os.environ, "BUSREPORT_HOME": str(home), **more}
    return subprocess.Popen(list(command), env=environment, stdout=sys.stderr.fileno())


def _peak_mib(pid: int) -> float:
    """Largest resident size so far of a process (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024, 1)


def _children(pid: int) -> list[int]:
    return [
        int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    ]


def _start_s(home: Path, times: int = 3) -> float:
    """Seconds from starting ``serve`` in an installation that is set up to its first answer."""
    waits = []
    for _ in range(times):
        port = next(port for port in range(18000, 19000) if free("127.0.0.1", port))
        began = time.perf_counter()
        process = _started("web", home, BUSREPORT_PORT=str(port))
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.perf_counter() - began < GIVEN_UP_S
                time.sleep(0.01)
        waits.append(time.perf_counter() - began)
        process.terminate()
        process.wait(30)
    return round(statistics.median(waits), 2)


if __name__ == "__main__":
    main()
