"""The short id that a case's part carries: letters that its own page is found by. Pure."""

from hashlib import sha256

from fieldlab.core.messages import PartOrder
from partgen.compose import make
from partgen.marking.qr import MOST_BYTES
from partgen.marking.room import longest

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that looks like 1 or 0
LENGTHS = (6, 4)  # letters; the shorter one is where a longer one begins


def short_id(case_id: str, generation: int) -> str:
    """Return the id of a part: 30 bits of the fingerprint of its case and generation.

    >>> short_id("press-pinion-20260921-141320", 2)
    '1Y25ZW'
    """
    bits = int.from_bytes(sha256(f"{case_id} G{generation}".encode()).digest()[:8], "big")
    return "".join(LETTERS[bits >> 5 * place & 31] for place in range(LENGTHS[0]))


def mark_for(order: PartOrder) -> str:
    """Return the mark that a case's part has room for: empty if it needs a tag instead."""
    name = short_id(order.case_id, order.generation)
    room = make(order.family, order.sizes).mark_room
    return longest(room, (name[:length] for length in LENGTHS))


def tag_code(order: PartOrder, page_url: str) -> str:
    """Return what the code on a part's tag says: its page, or its case when nobody said where.

    What is too long for a code gives way to what is shorter.

    >>> order = PartOrder(family="gasket", sizes={}, material="TPU", case_id="press-seal-1")
    >>> tag_code(order, "http://fieldlab.local:8000/"), tag_code(order, "")
    ('http://fieldlab.local:8000/p/press-seal-1', 'press-seal-1')
    """
    page = f"{page_url.rstrip('/')}/p/{order.case_id}" if page_url else order.case_id
    short = short_id(order.case_id, order.generation)
    return next((text for text in (page, order.case_id) if len(text.encode()) <= MOST_BYTES), short)
