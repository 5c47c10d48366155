"""Ids of machines, sensors, components, sites and nodes: lower-case words with hyphens."""

import re

PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
_ID = re.compile(PATTERN)
MAX_LENGTH = 64


def is_id(text: str) -> bool:
    """Return whether `text` is made of a-z, 0-9 and single hyphens.

    >>> is_id("acc-de"), is_id("Acc DE")
    (True, False)
    """
    return len(text) <= MAX_LENGTH and _ID.fullmatch(text) is not None
