"""A machine that lacks layers of the decoder's cell.

The others hold, each missing one is named, and may be asked for.

The machines are made poorer by the kernel itself: a filter around the product refuses the calls
that a layer needs.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx2
import pytest

from api.health import Examination
from api.server import health_door
from pipeline.containment import nursery
from pipeline.containment.nursery import NURSERIES, CellIncomplete, ContainmentBroken, Nursery
from pipeline.containment.opening import (
    missing_layers,
    open_contained,
    require_whole_cell,
    shut_down,
)
from pipeline.doors import health
from pipeline.doors.health import Severity
from pipeline.receiving.drafts import open_draft
from pipeline.receiving.incoming import store_file
from pipeline.runtime import Runtime
from pipeline.verifying import reading_files
from scheme.report import Channel
from tests.pipeline.containment.test_cell import PROBING, ROOT, held
from tests.verifiers.media import made_files as made
from verifiers.media.cell import ALL, LAYERS, Cell, CellBroken, Layer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")

POORER = "tests.pipeline.containment.poorer_machine"
CHECKOUT = Path(__file__).parents[3]
PYTHON = (sys.executable, "-P", "-s", "-m")
SPACES = {Layer.NETWORK, Layer.FILES}
LACKING = [
    (("unshare",), SPACES if ROOT else SPACES | {Layer.PROCESSES}),
    (("landlock_create_ruleset",), {Layer.LANDLOCK}),
    (("seccomp",), {Layer.CALLS}),
    pytest.param(
        ("setuid",),
        {Layer.USER, Layer.PROCESSES},
        marks=pytest.mark.skipif(not ROOT, reason="only root has that layer"),
    ),
    (
        ("unshare", "landlock_create_ruleset"),
        {*SPACES, Layer.LANDLOCK} | (set() if ROOT else {Layer.PROCESSES}),
    ),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(made.jpeg())
    return path


@pytest.fixture
def fresh() -> Iterator[None]:
    """No nursery before, none after; what was asked for is forgotten."""
    shut_down()
    NURSERIES._missing = None
    yield
    shut_down()
    NURSERIES._missing, NURSERIES.whole_cell = None, False


def let_it_run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Let the next nurseries of this process run the module and arguments ``words``."""

    class Other(Nursery):
        def __init__(self, *own: str, before: Sequence[str] = ()) -> None:
            super().__init__(*(own or words), before=before)

    monkeypatch.setattr(nursery, "Nursery", Other)


def become_poorer(monkeypatch: pytest.MonkeyPatch, *calls: str, bubbles: bool = False) -> None:
    """Let the next nurseries live without ``calls``, and without bubblewrap unless asked for."""
    let_it_run(monkeypatch, POORER, *calls, "--", *PYTHON, nursery.CHILD)
    if not bubbles:
        monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.parametrize(("calls", "lacking"), LACKING)
def test_what_is_missing_is_named_and_the_rest_still_refuses(
    calls: Sequence[str], lacking: set[Layer], file: Path
) -> None:
    with closing(Nursery(POORER, *calls, "--", *PYTHON, PROBING, *ALL)) as poorer:
        assert lacking <= poorer.missing.keys() <= lacking | NURSERIES.missing_layers().keys()
        assert all(poorer.missing.values()), "each with its reason"
        for probe in ("read a library", "become a shell", "list the processes"):
            with held(poorer, file) as media:
                media._ask({"ask": "probe", "name": probe, "targets": {}})
                assert media._answer()[0]["refused"] is not None, probe
        with held(poorer, file) as media:
            media.open(file.name)
            assert len(list(media.frames(None, 640))) == 1


@pytest.mark.skipif(not shutil.which("bwrap"), reason="needs service: bubblewrap (make services)")
def test_where_only_bubblewrap_may_make_namespaces_it_does(
    fresh: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_poorer(monkeypatch, "unshare", bubbles=True)
    assert not SPACES & missing_layers().keys()
    with open_contained(file, "a") as media:
        assert len(list(media.frames(None, 640))) == 1


def test_without_bubblewrap_and_namespaces_they_are_missing(
    fresh: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_poorer(monkeypatch, "unshare")
    assert missing_layers().keys() >= SPACES
    with open_contained(file, "a") as media:
        assert len(list(media.frames(None, 640))) == 1


def test_a_whole_cell_is_no_problem(runtime: Runtime, fresh: None) -> None:
    assert [problem.code for problem in health.standing(runtime) if "CELL" in problem.code] == [
        "CELL_LAYER_MISSING" for _ in missing_layers()
    ]


def test_health_names_each_missing_layer(
    runtime: Runtime, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_poorer(monkeypatch, "unshare")
    told = [problem for problem in health.problems(runtime) if problem.code == "CELL_LAYER_MISSING"]
    assert {problem.values["layer"] for problem in told} >= SPACES
    assert {problem.severity for problem in told} == {Severity.WARNING}
    assert all(problem.values["reason"] for problem in told)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with health_door(Examination(runtime), port):
        assert (
            "(layer network, reason"
            in httpx2.get(f"http://127.0.0.1:{port}/health", timeout=60).text
        )
    strict = replace(runtime, settings=replace(runtime.settings, require_sandbox=True))
    assert {
        problem.severity for problem in health.standing(strict) if problem.code == "CELL_INCOMPLETE"
    } == {Severity.BROKEN}


def test_where_all_layers_are_asked_for_no_file_is_opened_without_one(
    file: Path, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_poorer(monkeypatch, "unshare")
    with open_contained(file, "a") as media:
        assert media.facts.width == 640
    require_whole_cell()
    with pytest.raises(CellIncomplete, match="network"), open_contained(file, "a"):
        pass


def test_what_the_installation_lacks_is_no_attempt_on_the_file(
    runtime: Runtime, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.write() as work:
        report_id = open_draft(work, channel=Channel.WEB).report_id
    kept = store_file(runtime, report_id=report_id, file_name="a.jpg", stream=BytesIO(made.jpeg()))
    become_poorer(monkeypatch, "unshare")
    require_whole_cell()
    for _ in range(5):
        with pytest.raises(CellIncomplete):
            reading_files.read_evidence(runtime, report_id=report_id, sha256=kept.sha256)
    NURSERIES.whole_cell = False
    assert reading_files.read_evidence(runtime, report_id=report_id, sha256=kept.sha256)


def test_on_macos_its_layers_are_named_and_photos_are_read(file: Path) -> None:
    """The system is Linux all the same: what is tried is that no call of Linux is made."""
    with closing(Nursery(PROBING, "macos", *ALL)) as there:
        lacking = {
            Layer.NETWORK,
            Layer.FILES,
            Layer.PRIVILEGES,
            Layer.MEMORY,
            Layer.LANDLOCK,
            Layer.CALLS,
        }
        assert there.missing.keys() == lacking
        with held(there, file) as media:
            media.open(file.name)
            assert media._waiter.watch_memory, "the parent watches what the kernel does not limit"
            assert len(list(media.frames(None, 640))) == 1


def test_health_names_decoders_that_cant_be_started(
    runtime: Runtime, fresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_run(monkeypatch, "no.such.module")
    assert "DECODERS_NOT_STARTED" in [problem.code for problem in health.standing(runtime)]
    with pytest.raises(ContainmentBroken):
        missing_layers()


def start(home: Path, require: str, *arguments: str) -> "subprocess.Popen[str]":
    """The command line where namespaces and bubblewrap (which is on the path) are missing."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("BUSREPORT_")
    }
    environment = inherited | {
        "BUSREPORT_HOME": str(home),
        "BUSREPORT_PORT": "0",
        "BUSREPORT_REQUIRE_SANDBOX": require,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "500",
        "PATH": "",
    }
    return subprocess.Popen(
        [*PYTHON, POORER, "unshare", "--", *PYTHON, "pipeline.doors.cli.main", *arguments],
        cwd=CHECKOUT,
        env={
            **environment,
            "PYTHONPATH": str(CHECKOUT),
            "BUSREPORT_REQUIRE_SANDBOX": require,
            "COLUMNS": "500",
            "PATH": "",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("command", [("run",), ("serve",), ("worker", "photos"), ("check",)])
def test_it_refuses_to_start_where_all_layers_are_asked_for(
    command: tuple[str, ...], tmp_path: Path, file: Path
) -> None:
    arguments = (*command, str(file)) if command == ("check",) else command
    with start(tmp_path / "home", "yes", *arguments) as process:
        told, _ = process.communicate()
    assert process.returncode == 1
    assert told.startswith("BUSREPORT_REQUIRE_SANDBOX=yes")
    assert "network (" in told
    assert "files (" in told
    assert len(told.splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_the_start_says_what_is_missing(tmp_path: Path) -> None:
    with start(tmp_path / "home", "no", "serve") as process:
        assert process.stdout is not None
        told = ""
        while told.count("CELL_LAYER_MISSING") < 2:
            line = process.stdout.readline()
            assert line, told
            told += line
        process.terminate()
        process.communicate()
    assert "layer network" in told
    assert "layer files" in told


def test_a_child_that_fails_to_lock_a_layer_of_this_machine_must_not_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell = Cell()
    failed = {Layer.LANDLOCK: "no", Layer.MEMORY: "no"}
    monkeypatch.setattr(Cell, "_locked", lambda *_: failed)
    with pytest.raises(CellBroken, match=r"^landlock$"):
        cell.lock(1, 1)
    cell.missing = {Layer.LANDLOCK: "known"}
    assert not cell.lock(1, 1), "the parent watches the memory"


def test_every_layer_is_explained() -> None:
    assert LAYERS.keys() == ALL
    assert all(all(about) for about in LAYERS.values())
