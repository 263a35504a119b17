"""A lock that others hold and a disk that takes nothing have names.

Waiting has an end, and reading does not wait.
"""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import counters
from pipeline.store.storage import StorageFull, StoreBusy
from pipeline.store.turns import Turns
from tests.disks import fill, make_read_only, make_writable, small_disk
from tests.locks import lock_held


def test_waiting_for_the_lock_ends_with_a_name_and_reading_goes_on(
    runtime: Runtime, settings: Settings
) -> None:
    hasty = replace(runtime, write_wait_s=0.2)
    with lock_held(settings.database):
        with pytest.raises(StoreBusy) as told, hasty.write() as work:
            counters.next_number(work.connection, "thing")
        assert told.value.retry_after_s == 5
        with hasty.read() as work:
            assert counters.last_number(work.connection, "thing") == 0
    with hasty.write() as work:
        assert counters.next_number(work.connection, "thing") == 1


def test_whoever_may_wait_longer_gets_the_lock(runtime: Runtime, settings: Settings) -> None:
    hasty = replace(runtime, write_wait_s=0.2)
    got: list[int] = []

    def write() -> None:
        with hasty.write(wait_s=60) as work:
            got.append(counters.next_number(work.connection, "thing"))

    patient = threading.Thread(target=write)
    with lock_held(settings.database):
        patient.start()
        with pytest.raises(StoreBusy), hasty.write():
            pass
        assert got == []
    patient.join(60)
    assert got == [1]


def test_so_many_wait_for_their_turn_and_one_more_is_told_at_once() -> None:
    turns, entered, done = Turns(), threading.Semaphore(0), threading.Event()
    taken: list[int] = []

    def take(number: int) -> None:
        with turns.taken(60, 3):
            entered.release()
            done.wait(60)
            taken.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert entered.acquire(timeout=60)
    while turns.waiting < 3:
        time.sleep(0.01)
    with pytest.raises(StoreBusy), turns.taken(60, 3):
        pass
    done.set()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [0, 1, 2, 3]
    with turns.taken(0, 0):
        assert turns.waiting == 0


def test_a_turn_is_given_back_whatever_happens_in_it() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.taken(1, 1):
        raise ZeroDivisionError
    with turns.taken(0, 0) as left_s:
        assert left_s == 0


def _installed_on(disk: Path) -> Settings:
    return replace(Settings.under(disk / "home"), key_file=disk.parent / "keys" / "master.key")


def _write_much(runtime: Runtime) -> None:
    with runtime.write() as work:
        for number in range(2000):
            counters.next_number(work.connection, f"other{number}")


def test_a_full_disk_is_named_and_nothing_half_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=2048) as disk:
        runtime = Runtime.open(_installed_on(disk))
        with runtime.write() as work:
            counters.next_number(work.connection, "thing")
        filler = fill(disk)
        with pytest.raises(StorageFull):
            _write_much(runtime)
        with runtime.read() as work:
            assert counters.last_number(work.connection, "thing") == 1
            assert counters.last_number(work.connection, "other0") == 0
        filler.unlink()
        with runtime.write() as work:
            assert counters.next_number(work.connection, "thing") == 2
        runtime.close()


def test_a_read_only_disk_is_named_the_same(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kib=4096) as disk:
        runtime = Runtime.open(_installed_on(disk))
        runtime.engine.dispose()
        make_read_only(disk)
        with pytest.raises(StorageFull), runtime.write() as work:
            counters.next_number(work.connection, "thing")
        runtime.engine.dispose()
        make_writable(disk)
        with runtime.write() as work:
            assert counters.next_number(work.connection, "thing") == 1
        runtime.close()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from pipeline.runtime import Runtime
from pipeline.store.storage import StorageFull
from pipeline.settings import Settings
from pipeline.store import counters
runtime = Runtime.open(Settings.under(Path(sys.argv[1])))
with runtime.write() as work:
    counters.next_number(work.connection, "thing")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    with runtime.write() as work:
        counters.next_number(work.connection, "thing")
except StorageFull:
    print("full")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
with runtime.write() as work:
    print(counters.next_number(work.connection, "thing"))
"""


def test_a_write_that_the_system_refuses_is_named_without_root_too(settings: Settings) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(settings.home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert told.stdout.split() == ["full", "2"]
