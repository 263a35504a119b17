"""The index finds exactly what comparing with every stored fingerprint finds (R14).

The slow way is the oracle.
"""

import random
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import evidence_files, fingerprints
from pipeline.store.originals import Received
from scheme.reading import Fingerprint, MediaKind, Sha256

ROWS = 1000


def _print(
    bits: int, *, view: int = 0, quality: int = 90, frame_ms: int | None = None, version: int = 1
) -> Fingerprint:
    return Fingerprint("pdq", version, view, f"{bits:064x}", quality, frame_ms)


def _file(runtime: Runtime, name: str, *found: Fingerprint) -> Sha256:
    """A file with these fingerprints, indexed as a received one is."""
    digest = Sha256(sha256(name.encode()).hexdigest())
    with runtime.write() as work:
        evidence_files.add(
            work.connection,
            Received(digest, 1),
            kind=MediaKind.PHOTO,
            format_="jpeg",
            mime="image/jpeg",
            at=work.now,
        )
        fingerprints.index(work.connection, digest, found)
    return digest


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, dict[Sha256, int]]]:
    """An index of random fingerprints, and the same as a plain table."""
    home = tmp_path_factory.mktemp("index") / "home"
    runtime = Runtime.open(Settings.under(home))
    dice = random.Random(7)  # noqa: S311 - repeatable, nothing secret
    table: dict[Sha256, int] = {}
    with runtime.write() as work:
        for number in range(ROWS):
            digest, bits = Sha256(sha256(str(number).encode()).hexdigest()), dice.getrandbits(256)
            evidence_files.add(
                work.connection,
                Received(digest, 1),
                kind=MediaKind.PHOTO,
                format_="jpeg",
                mime="image/jpeg",
                at=work.now,
            )
            fingerprints.index(work.connection, digest, [_print(bits)])
            table[digest] = bits
    yield runtime, table
    runtime.close()


@settings(max_examples=80, deadline=None)
@given(number=st.integers(0, ROWS - 1), flips=st.sets(st.integers(0, 255), max_size=40))
def test_the_index_agrees_with_the_slow_way(
    full: tuple[Runtime, dict[Sha256, int]], number: int, flips: set[int]
) -> None:
    runtime, table = full
    asked = table[Sha256(sha256(str(number).encode()).hexdigest())]
    for bit in flips:
        asked ^= 1 << bit
    slow = {digest: d for digest, bits in table.items() if (d := (bits ^ asked).bit_count()) <= 31}
    with runtime.read() as work:
        found = fingerprints.near(work.connection, Sha256("ours"), [_print(asked)])
        later = fingerprints.near_since(work.connection, Sha256("ours"), [_print(asked)], 0)
    assert {near.other_sha256: near.distance for near in found} == slow
    assert found == later


def test_bits_spread_evenly_over_all_chunks_are_still_found(runtime: Runtime) -> None:
    other = _file(runtime, "other", _print(0))
    spread = (
        sum(0b11 << (16 * chunk) for chunk in range(15)) | 1 << 240
    )  # 31 bits, two in every chunk but one
    with runtime.read() as work:
        (found,) = fingerprints.near(work.connection, Sha256("ours"), [_print(spread)])
        assert (found.other_sha256, found.distance) == (other, 31)
        assert fingerprints.near(work.connection, Sha256("ours"), [_print(spread | 1 << 241)]) == ()


def test_the_closest_pair_of_frames_is_told(runtime: Runtime) -> None:
    other = _file(
        runtime,
        "clip",
        _print(0b1110000, frame_ms=0),
        _print(0b1, frame_ms=500),
        _print(1 << 200, frame_ms=900),
    )
    with runtime.read() as work:
        asked = [_print(0b11111, frame_ms=40), _print(0b11, frame_ms=80)]
        (found,) = fingerprints.near(work.connection, Sha256("ours"), asked)
    assert found == ("ours", 80, other, 500, 1)


def test_turned_pictures_are_found_by_the_views_of_the_one_who_asks(runtime: Runtime) -> None:
    _file(runtime, "stored", _print(0), _print(1 << 255 | 2**100 - 1, view=4))
    with runtime.read() as work:
        assert fingerprints.near(
            work.connection, Sha256("ours"), [_print(2**128 - 1), _print(1, view=4)]
        )
        assert not fingerprints.near(
            work.connection, Sha256("ours"), [_print(1 << 255 | 2**100 - 1)]
        )


@pytest.mark.parametrize("other", [_print(0, quality=49), _print(0, version=2)])
def test_empty_pictures_and_other_versions_say_nothing(
    runtime: Runtime, other: Fingerprint
) -> None:
    _file(runtime, "stored", other)
    with runtime.read() as work:
        assert fingerprints.near(work.connection, Sha256("ours"), [_print(0)]) == ()
        assert fingerprints.near_since(work.connection, Sha256("ours"), [_print(0)], 0) == ()
        assert fingerprints.near(work.connection, Sha256("ours"), [_print(0, quality=49)]) == ()


def test_a_file_is_not_like_itself_and_indexed_once(runtime: Runtime) -> None:
    ours = _file(runtime, "ours", _print(5))
    _file(runtime, "ours", _print(5))
    with runtime.read() as work:
        assert fingerprints.near(work.connection, ours, [_print(5)]) == ()
        assert fingerprints.newest(work.connection) == 1
