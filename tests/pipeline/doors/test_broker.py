"""The embedded broker: nothing torn, twice or lost between several readers and writers."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from pipeline.doors import broker

broker.register()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return broker.folder_url(tmp_path / "a broker")


def test_what_is_put_comes_out_in_order(url: str) -> None:
    with Connection(url) as connection, connection.SimpleQueue("photos") as queue:
        for number in range(20):
            queue.put({"number": number})
        got = [message.payload["number"] for message in (queue.get(timeout=1) for _ in range(20))]
    assert got == list(range(20))


def test_a_torn_message_is_set_aside_and_the_next_one_read(url: str, tmp_path: Path) -> None:
    with Connection(url) as connection, connection.SimpleQueue("photos") as queue:
        queue.put({"number": 1})
        (tmp_path / "a broker" / "queues" / "photos" / "0-torn.msg").write_bytes(
            b'{"body": "e30=", "prop'
        )
        assert queue.get(timeout=1).payload == {"number": 1}
        with pytest.raises(Empty):
            queue.get(timeout=0.2)
    assert [file.name for file in (tmp_path / "a broker" / "bad").iterdir()] == [
        "photos-0-torn.msg"
    ]


@pytest.mark.parametrize(
    "left", [b"", b'{"body": "e30=", "prop', b"\x00" * 512, b"null", b"[1, 2]", b"{}", b"\xff\xfe"]
)
def test_whatever_a_power_cut_leaves_of_a_message_ends_no_worker(
    url: str, tmp_path: Path, left: bytes
) -> None:
    with Connection(url) as connection, connection.SimpleQueue("photos") as queue:
        queue.put({"number": 1})
        (tmp_path / "a broker" / "queues" / "photos" / "0-torn.msg").write_bytes(left)
        assert queue.get(timeout=1).payload == {"number": 1}


def test_who_is_bound_to_what_is_known_without_a_file(url: str, tmp_path: Path) -> None:
    old = tmp_path / "a broker" / "exchanges" / "photos.exchange"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"")  # what a power cut left of the table that earlier versions kept
    with Connection(url) as connection, connection.SimpleQueue("photos") as queue:
        queue.put({"number": 1})
    with Connection(url) as connection, connection.SimpleQueue("photos") as queue:
        assert queue.get(timeout=1).payload == {"number": 1}
    assert sorted(folder.name for folder in (tmp_path / "a broker").iterdir()) == [
        "aside",
        "exchanges",
        "queues",
        "taken",
    ]


def test_queues_are_apart_and_know_their_depth(url: str) -> None:
    with Connection(url) as connection:
        photos, videos = connection.SimpleQueue("photos"), connection.SimpleQueue("videos")
        for queue in (photos, videos):
            queue.consumer.cancel()  # it would take messages while this test counts
        for number in range(3):
            photos.put(number)
        videos.put("one")
        assert (photos.qsize(), videos.qsize()) == (3, 1)
        assert photos.clear() == 3
        assert (photos.qsize(), videos.qsize()) == (0, 1)
        photos.close()
        videos.close()


def test_a_queue_name_cannot_leave_the_folder(url: str) -> None:
    with Connection(url) as connection, pytest.raises(ChannelError):
        connection.default_channel.queue_declare(queue="../../etc")


WRITER = """
import sys
from kombu import Connection
from pipeline.doors import broker
broker.register()
with Connection(sys.argv[1]) as connection, connection.SimpleQueue("photos") as queue:
    for number in range(int(sys.argv[3])):
        queue.put(f"{sys.argv[2]}-{number}")
"""
READER = """
import sys
from queue import Empty
from kombu import Connection
from pipeline.doors import broker
broker.register()
with Connection(sys.argv[1]) as connection, connection.SimpleQueue("photos", no_ack=True) as queue:
    while True:
        try:
            print(queue.get(timeout=3).payload, flush=True)
        except Empty:
            break
"""


def test_several_writers_and_readers_lose_and_double_nothing(url: str) -> None:
    each = 300
    python = [sys.executable, "-c"]
    readers = [
        subprocess.Popen([*python, READER, url], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    writers = [subprocess.Popen([*python, WRITER, url, name, str(each)]) for name in ("a", "b")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    got = [reader.communicate(timeout=60)[0].split() for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0]
    assert Counter(got[0] + got[1]) == Counter(
        f"{name}-{number}" for name in ("a", "b") for number in range(each)
    )
    assert all(got), "both readers had a share"
