"""What follows the picture in its file: the clip of a Motion Photo, further pictures, or junk.

Phones say in XMP which blocks they appended and how long each is; what they declare, and what is a
picture or a clip by itself, is no junk.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO

from verifiers.media.boxes import top_boxes
from verifiers.media.picture_walks import MOST_EMBEDDED, SOI, clip_name, jpeg

_MOST_PADDING = 64 * 1024
"""Bytes: writers align what they append, to a page or a block of the store."""
_HARMLESS_REST = 16
"""A few stray bytes are a sloppy writer, not a hidden file."""
_SAMSUNG_MARK = b"MotionPhoto_Data"
_MOST_SAMSUNG_BLOCKS = 200
"""Entries of Samsung's list that are followed: chosen."""
_HUAWEI_TAIL = re.compile(rb"^v\d_f\d+[\s\S]{0,40}LIVE_\d+\s*$|^LIVE_\d+\s*$")
_LONGEST_HUAWEI_TAIL = 100
"""Bytes: it is a short text such as ``LIVE_12345``."""
_ITEM = re.compile(rb"Container:Item\b")
_ITEM_VALUE = rb"Item:%s(?:\s*=\s*[\"']|\s*>)\s*([^\"'<>]{1,100})"
_CLIP_BYTES = re.compile(rb"MicroVideoOffset(?:\s*=\s*[\"']|\s*>)\s*(\d{1,10})")
_CLIP = "MotionPhoto"
_MOVIE_KINDS = frozenset(
    {
        b"ftyp",
        b"styp",
        b"moov",
        b"mdat",
        b"free",
        b"skip",
        b"wide",
        b"uuid",
        b"moof",
        b"mfra",
        b"sidx",
        b"udta",
    }
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One block that the picture's XMP says was appended: ``name`` is its meaning in its words."""

    name: str
    start: int
    end: int


def declared_blocks(xmp: bytes, size: int) -> tuple[Declared, ...]:
    """The blocks at the end of a file of ``size`` bytes, as its XMP lists them; in order.

    Empty unless the last of them is a clip: the list then is a Motion Photo's.
    """
    listed = [_item(chunk) for chunk in _ITEM.split(xmp)[1 : MOST_EMBEDDED + 1]]
    appended = [(name, length) for name, length in listed if length]
    if not appended and (clip := _CLIP_BYTES.search(xmp)):
        appended = [(_CLIP, int(clip[1]))]
    if not appended or appended[-1][0] != _CLIP:
        return ()
    start = size - sum(length for _, length in appended)
    blocks: list[Declared] = []
    for name, length in appended:
        blocks.append(Declared(name, start, start + length))
        start += length
    return tuple(blocks)


def _item(chunk: bytes) -> tuple[str, int]:
    """``(meaning, bytes)`` of one entry of the list; no bytes for the picture itself."""
    meaning = re.search(_ITEM_VALUE % b"Semantic", chunk)
    length = re.search(_ITEM_VALUE % b"Length", chunk)
    name = meaning[1].decode("latin-1").strip() if meaning else ""
    figures = length[1].strip() if length else b""
    is_appended = name not in {"", "Primary"} and figures.isdigit()
    return name, int(figures) if is_appended else 0


@dataclass(slots=True)
class Tail:
    """Reads what follows the picture, piece by piece, until something no camera writes."""

    data: bytes
    at: int
    declared: tuple[Declared, ...] = ()
    embedded: list[str] = field(default_factory=list)
    trailing: str = ""

    def read(self) -> None:
        """Fill ``embedded`` with what belongs there, and ``trailing`` with what does not."""
        stop = self._samsung_trailer()
        for _ in range(MOST_EMBEDDED):
            padding = self._skip_padding(self._next_block(stop))
            if padding > _MOST_PADDING:
                self.trailing = f"{padding} bytes of padding"
                return
            if self.at >= stop:
                return
            if not self._piece(stop):
                break
        rest = self.data[self.at : stop]
        if len(rest) > _HARMLESS_REST and not _HUAWEI_TAIL.match(rest[:_LONGEST_HUAWEI_TAIL]):
            self.trailing = f"{len(rest)} bytes at {self.at}: {rest[:8].hex()}"

    def _next_block(self, stop: int) -> int:
        """Where the next declared block begins: no padding reaches into it."""
        coming = [block.start for block in self.declared if block.start >= self.at]
        return min([*coming, stop])

    def _skip_padding(self, stop: int) -> int:
        begin = self.at
        while self.at < stop:
            block = self.data[self.at : min(self.at + 4096, stop)]
            left = block.lstrip(b"\0\xff\n\r ")
            # FF may be the beginning of a further JPEG: give it back.
            if left and left[0] == SOI and len(left) < len(block):
                left = b"\xff" + left
            # A box begins with the high bytes of its length, which look like padding.
            # The length before it
            if (box := block.find(b"ftyp")) >= 4 and len(block) - len(left) > box - 4:  # noqa: PLR2004
                left = block[box - 4 :]
            self.at += len(block) - len(left)
            if left:
                break
        return self.at - begin

    def _piece(self, stop: int) -> bool:
        data, at = self.data, self.at
        if self._declared():
            return True
        if data.startswith(_SAMSUNG_MARK, at):
            self.at += len(_SAMSUNG_MARK)
            return True
        if data.startswith(b"\xff\xd8\xff", at):
            inner = jpeg(data, at)
            if inner.end is None or inner.scans == 0:
                return False
            self.embedded.append(f"jpeg@{at}+{inner.end - at}")
            self.at = inner.end
            return True
        if data[at + 4 : at + 8] == b"ftyp":
            return self._clip(stop)
        return False

    def _declared(self) -> bool:
        """Step over a block that the file's XMP declares, unless it is the clip itself."""
        block = next((block for block in self.declared if block.start == self.at), None)
        if block is None or block is self.declared[-1]:
            return False
        if not self._is_clip(self.declared[-1].start):
            return False  # the list is another file's: what it declares is not there
        kind = "jpeg" if self.data.startswith(b"\xff\xd8\xff", self.at) else "block"
        self.embedded.append(f"{kind}@{block.start}+{block.end - block.start}")
        self.at = block.end
        return True

    def _is_clip(self, at: int) -> bool:
        return self.data[at + 4 : at + 8] == b"ftyp"

    def _clip(self, stop: int) -> bool:
        end, kinds = self.at, set()
        for box in top_boxes(BytesIO(self.data[self.at : stop]), stop - self.at):
            if (
                box.kind not in _MOVIE_KINDS
                or box.overruns
                or (end > self.at and box.kind == b"ftyp")
            ):
                break
            kinds.add(box.kind)
            end = self.at + box.end
        if b"moov" not in kinds:
            return False
        self.embedded.append(clip_name(self.at, end))
        self.at = end
        return True

    def _samsung_trailer(self) -> int:
        """Samsung's SEF directory at the very end.

        Returns where its blocks begin (else the end of the file).
        """
        data, size = self.data, len(self.data)
        if data[-4:] != b"SEFT" or size - self.at < 20:  # noqa: PLR2004 - the smallest directory
            return size
        directory = size - 8 - int.from_bytes(data[-8:-4], "little")
        if directory < self.at or data[directory : directory + 4] != b"SEFH":
            return size
        count = min(
            int.from_bytes(data[directory + 8 : directory + 12], "little"), _MOST_SAMSUNG_BLOCKS
        )
        begin = directory
        for entry in range(directory + 12, min(directory + 12 + 12 * count, size - 11), 12):
            back, length = (
                int.from_bytes(data[entry + i : entry + i + 4], "little") for i in (4, 8)
            )
            block = directory - back
            if block < self.at or length > back:
                return size
            begin = min(begin, block)
            self._samsung_block(block, block + length)
        return begin

    def _samsung_block(self, start: int, end: int) -> None:
        name_end = start + 8 + min(int.from_bytes(self.data[start + 4 : start + 8], "little"), 100)
        if (
            self.data[start + 8 : name_end] == _SAMSUNG_MARK
            and self.data[name_end + 4 : name_end + 8] == b"ftyp"
        ):
            self.embedded.append(clip_name(name_end, end))
