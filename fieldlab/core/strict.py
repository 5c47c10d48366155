"""A frozen pydantic model that refuses unknown keys, and its errors as lines to act on."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

Place = tuple[int | str, ...]


class Strict(BaseModel):
    """Frozen; types are not coerced; an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=False
    )


def explain(error: Mapping[str, Any], known: Sequence[str] = ()) -> str:
    """Return what was found and what would work, for one pydantic error.

    `known` are the keys that are allowed where an unknown key was found.

    >>> explain({"type": "missing", "loc": ("id",), "msg": "Field required"})
    'is missing'
    """
    found = error.get("input")
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(error["loc"][-1]), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
            return f"is not a known key; {hint}"
        case "literal_error" | "union_tag_invalid":
            context = error.get("ctx", {})
            wanted = context.get("expected") or context.get("expected_tags")
            return f"found {found!r:.80}; use one of {wanted}"
        case "string_pattern_mismatch":
            return f"found {found!r:.80}; use a-z, 0-9 and hyphens, like 'acc-de'"
        case "value_error":
            return str(error["msg"]).removeprefix("Value error, ")
        case _:
            message = str(error["msg"])
            return f"found {found!r:.80}; {message[:1].lower()}{message[1:]}"


def dotted(place: Place) -> str:
    """Return a place as people write it.

    >>> dotted(("sensors", "acc-de", "unit"))
    'sensors.acc-de.unit'
    """
    return ".".join(str(step) for step in place)
