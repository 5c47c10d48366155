"""All part families on one contact sheet."""

import io
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from partgen.compose import make
from partgen.families import FAMILIES
from partgen.picture import picture

WIDE_PX, HIGH_PX, LABEL_PX, COLUMNS, MARGIN_PX, TITLE_PX = 400, 300, 58, 5, 24, 96
INK, GREY, PAPER = (24, 34, 48), (110, 120, 132), (250, 250, 248)

# What shows a family best, where its defaults are plain.
SHOWN: dict[str, dict[str, Any]] = {
    "spur_gear": {"hub_mm": 18, "hub_length_mm": 9, "flat_mm": 7, "set_screw_mm": 2.5},
    "gt2_pulley": {"pitch_mm": 5, "teeth": 20, "bore_mm": 8, "keyway_mm": 3},
    "roller": {"crown_mm": 1.5, "seat_mm": 22, "seat_depth_mm": 7, "length_mm": 45},
    "lever": {"slot_mm": 5, "slot_length_mm": 24},
}


def contact_sheet() -> bytes:
    """Return a PNG with a picture of each family, its name, and the sizes that it shows."""
    rows = -(-len(FAMILIES) // COLUMNS)
    cell = (WIDE_PX, HIGH_PX + LABEL_PX)
    sheet = Image.new(
        "RGB", (COLUMNS * cell[0] + 2 * MARGIN_PX, rows * cell[1] + 2 * MARGIN_PX + TITLE_PX), PAPER
    )
    pen = ImageDraw.Draw(sheet)
    title = f"fieldlab: {len(FAMILIES)} families of machine parts, from sizes to a verified mesh"
    pen.text((2 * MARGIN_PX, 2 * MARGIN_PX), title, INK, font=ImageFont.load_default(34))
    for at, name in enumerate(FAMILIES):
        left = MARGIN_PX + at % COLUMNS * cell[0]
        top = MARGIN_PX + TITLE_PX + at // COLUMNS * cell[1]
        _draw(sheet, (left, top), name)
    packed = io.BytesIO()
    sheet.quantize(128, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _draw(sheet: Image.Image, at_px: tuple[int, int], name: str) -> None:
    """Draw one family and its two lines."""
    part = make(name, SHOWN.get(name, {}))
    drawn = picture(part.mesh(), wide_px=WIDE_PX, high_px=HIGH_PX)
    sheet.paste(Image.fromarray(drawn), at_px)
    pen, middle = ImageDraw.Draw(sheet), at_px[0] + WIDE_PX // 2
    below = at_px[1] + HIGH_PX + 4
    pen.text((middle, below), name, INK, font=ImageFont.load_default(22), anchor="ma")
    wide, deep, high = part.box_mm
    room = f"{wide:.1f} x {deep:.1f} x {high:.1f} mm"
    pen.text((middle, below + 28), room, GREY, font=ImageFont.load_default(16), anchor="ma")
