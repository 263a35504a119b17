import pytest

from scheme.reading import MediaKind
from tests.verifiers.media import made_files as made
from verifiers.media import formats


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (made.jpeg(16, 16), "jpeg"),
        (made.picture("PNG", 16, 16), "png"),
        (made.picture("WEBP", 16, 16), "webp"),
        (made.picture("HEIF", 64, 64), "heic"),
        (made.movie(3), "mp4"),
        (made.movie(3, container="mov"), "mov"),
    ],
)
def test_content_tells_the_format_whatever_the_name_says(data: bytes, name: str) -> None:
    known = formats.admit(data[: formats.HEAD_BYTES], "whatever.gif", len(data))
    assert known.name == name
    assert (known.kind is MediaKind.VIDEO) == (name in ("mp4", "mov"))


@pytest.mark.parametrize(
    ("head", "file_name", "refusal"),
    [
        (b"", "a.jpg", formats.EmptyFile),
        (b"<!doctype html><title>hi</title>", "a.jpg", formats.TypeMismatch),
        (b"\xef\xbb\xbf  <html>", "a.jpg", formats.TypeMismatch),
        (b"#EXTM3U\n#EXTINF:1,\nx.ts\n", "a.mp4", formats.TypeMismatch),
        (b"ffconcat version 1.0\nfile 'a.mp4'\n", "a.mp4", formats.TypeMismatch),
        (b"file 'a.mp4'\n", "a.mp4", formats.TypeMismatch),
        (b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\n", "a.mp4", formats.TypeMismatch),
        ("一段普通的文字,不是照片".encode(), "a.jpg", formats.TypeMismatch),
        (bytes(range(128, 256)) * 4, "a.jpg", formats.TypeMismatch),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", formats.TypeNotAllowed),
        (b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x 'y'>]><svg>&x;</svg>", "a.jpg",
         formats.TypeNotAllowed),
        (b"GIF89a" + bytes(20), "a.jpg", formats.TypeNotAllowed),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a.jpg", formats.TypeNotAllowed),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a.jpg", formats.TypeNotAllowed),
        (b"II*\0" + bytes(20), "a.jpg", formats.TypeNotAllowed),
        (b"\x1f\x8b\x08" + bytes(20), "a.jpg", formats.TypeNotAllowed),
        (b"RIFF\0\0\0\0AVI LIST" + bytes(20), "a.mp4", formats.TypeNotAllowed),
        (b"\x1aE\xdf\xa3" + bytes(20), "a.mp4", formats.TypeNotAllowed),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "a.heic", formats.TypeNotAllowed),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42", "a.mp4", formats.TypeNotAllowed),
    ],
)  # fmt: skip
def test_what_is_not_in_the_table_is_refused_by_name(
    head: bytes, file_name: str, refusal: type[formats.FileRefused]
) -> None:
    with pytest.raises(formats.FileRefused) as refused:
        formats.admit(head, file_name)
    assert type(refused.value) is refusal


def test_a_stump_goes_by_its_name_so_that_a_person_sees_it() -> None:
    assert formats.admit(b"\xff", "photo.JPG") is formats.JPEG
    assert formats.admit(b"\0\0", "clip.mp4") is formats.MP4
    with pytest.raises(formats.TypeMismatch):
        formats.admit(b"\xff", "letter.docx")


@pytest.mark.parametrize("known", formats.FORMATS, ids=lambda known: known.name)
def test_exactly_the_limit_is_taken_and_one_byte_more_is_not(known: formats.Format) -> None:
    heads = {
        "jpeg": made.jpeg(16, 16),
        "png": made.picture("PNG", 16, 16),
        "webp": made.picture("WEBP", 16, 16),
    }
    head = (
        heads.get(known.name)
        or {
            "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
            "mov": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
        }[known.name]
    )
    assert formats.admit(head, "x", known.max_bytes) is known
    with pytest.raises(formats.FileTooLarge):
        formats.admit(head, "x", known.max_bytes + 1)
