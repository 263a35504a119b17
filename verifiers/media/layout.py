"""How the bytes of a picture file are laid out.

Where the picture ends, what stands before, inside and after it.

No pixel is decoded here. This is what lets a bomb be refused before it is opened, a cut file be
told from a whole one, and the clip of a Motion Photo from something glued on.
"""

from dataclasses import replace

from verifiers.media.appended import Tail, declared_blocks
from verifiers.media.formats import Format
from verifiers.media.picture_walks import WALKS, Layout


class NoSuchWalk(Exception):
    """A row of the table of formats names a walk that does not exist."""


def layout_of(data: bytes, known: Format) -> Layout:
    """The layout of the photo ``data`` of format ``known``.

    Raises ``MediaError`` for what is no such file at all, ``NoSuchWalk`` for a format that nobody
    can lay out.
    """
    walk = WALKS.get(known.walk)
    if walk is None:
        raise NoSuchWalk(f"{known.name}: {known.walk}")
    layout = walk(data)
    if layout.end is None:
        return layout
    tail = Tail(data, layout.end, declared_blocks(layout.xmp, len(data)))
    tail.read()
    return replace(layout, embedded=(*layout.embedded, *tail.embedded), trailing=tail.trailing)
