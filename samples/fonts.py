"""The one font that drawn evidence is lettered with.

Noto Sans CJK TC Regular 1.004 from the pip package ``cvttf-notosanscjk-regular``: a bare machine
has no Chinese font. The wheel's wrapper is MIT; the font inside says in its own name table:
Copyright 2014, 2015 Adobe, "licensed under the SIL Open Font License, Version 1.1", so pictures
drawn with it may be used anywhere and the file may be bundled, but not sold by itself. It holds the
simplified glyphs too; they are asked for by language.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

_PACKAGE = "cvttf_NotoSansCJK_Regular"
Colour = tuple[int, int, int]


class FontMissing(Exception):
    """The package that carries the font is not installed, or has no font in it."""


@cache
def font_path() -> Path:
    """The font file.

    Raises FontMissing where the package ``cvttf-notosanscjk-regular`` is not installed.
    """
    found = find_spec(_PACKAGE)
    for folder in found.submodule_search_locations or () if found else ():
        for path in sorted(Path(folder).iterdir()):
            if path.suffix.lower() in {".otf", ".ttf", ".ttc"}:
                return path
    raise FontMissing(_PACKAGE)


@cache
def font(height_px: int) -> ImageFont.FreeTypeFont:
    """The font at ``height_px`` pixels an em."""
    return ImageFont.truetype(font_path(), height_px)


def lettering(text: str, height_px: int, weight: float = 0.0) -> Image.Image:
    """``text`` as a tight mask (mode L, ink 255).

    ``weight`` is the added stroke in em, 0.03 looks bold.
    """
    face = font(height_px)
    stroke = round(height_px * weight)
    language = "zh-Hans" if features.check("raqm") else None
    width = int(face.getlength(text, language=language)) + 4 * stroke + 8
    mask = Image.new("L", (width + height_px // 2, height_px * 2), 0)
    place = (stroke + 2, height_px // 4)
    ImageDraw.Draw(mask).text(place, text, 255, font=face, stroke_width=stroke, language=language)
    box = mask.getbbox()
    return mask.crop(box) if box else mask
