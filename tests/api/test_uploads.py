"""A multipart body in pieces of any size is the same files; a broken one is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.turned_away import MalformedBody
from api.uploads import MultipartReader, safe_file_name

BOUNDARY = b"xyz"


def body_of(parts: list[tuple[str, str | None, bytes]], *, closed: bool = True) -> bytes:
    """A multipart body: (name, file name or None, content)."""
    out = b""
    for name, file_name, content in parts:
        named = f'; filename="{file_name}"' if file_name is not None else ""
        out += (
            b"--"
            + BOUNDARY
            + f'\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode()
        )
        out += content + b"\r\n"
    return out + (b"--" + BOUNDARY + b"--\r\n" if closed else b"")


def reader_of(body: bytes, size: int) -> MultipartReader:
    """A reader that is fed ``size`` bytes at a time."""
    pieces = iter([body[start : start + size] for start in range(0, len(body), size)])
    return MultipartReader(BOUNDARY, lambda: next(pieces, b""))


CONTENT = st.binary(max_size=300) | st.sampled_from(
    [b"\r\n--xyz-", b"\r\n--xy", b"\r\n\r\n", b"--xyz--", b"\r"]
)


@given(
    st.lists(st.tuples(st.sampled_from(["csrf", "file"]), CONTENT), max_size=4), st.integers(1, 400)
)
def test_pieces_of_any_size_give_the_same_files(parts: list[tuple[str, bytes]], size: int) -> None:
    given_ = [(name, None if name == "csrf" else "a.jpg", content) for name, content in parts]
    if any(b"\r\n--xyz" in b"\r\n" + content for _, _, content in given_):
        return  # the boundary never stands in the content of a body that a browser makes
    reader = (
        reader_of(body_of(given_) or b"--xyz--\r\n", size)
        if given_
        else reader_of(b"--xyz--\r\n", size)
    )
    if not given_:
        return
    got = []
    for part in reader.parts():
        content = part.read_field() if part.file_name is None else part.stream().read()
        got.append((part.name, part.file_name, content))
    assert got == given_


def test_a_part_that_is_not_read_is_skipped() -> None:
    reader = reader_of(body_of([("file", "a", b"x" * 1000), ("file", "b", b"y")]), 64)
    assert [part.file_name for part in reader.parts()] == ["a", "b"]


@pytest.mark.parametrize("missing", [1, 4, 9, 40])
def test_a_body_that_ends_early_is_refused_while_its_file_is_read(missing: int) -> None:
    body = body_of([("file", "a.jpg", b"x" * 100)])
    with pytest.raises(MalformedBody):  # noqa: PT012 - either of the two may notice
        for part in reader_of(body[: -missing - 2], 16).parts():
            part.stream().read()


def test_a_thousand_and_one_parts_are_refused() -> None:
    body = body_of([("a", None, b"")] * 1001)
    with pytest.raises(MalformedBody):
        list(reader_of(body, 4096).parts())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fotos\\bus.jpg", "bus.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nb.jpg", "ab.jpg"),
        ("", "file"),
        ("CON", "CON"),
        (".htaccess", ".htaccess"),
    ],
)
def test_a_name_is_text_and_never_a_path(sent: str, kept: str) -> None:
    assert safe_file_name(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_file_name("x" * 10_000 + ".jpg")
    assert len(name) == 255
    assert name.endswith(".jpg")
