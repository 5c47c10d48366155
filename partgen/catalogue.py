"""The families as plain data, for people and for `fieldlab families --json`."""

from typing import Any

from partgen.families import FAMILIES


def catalogue() -> list[dict[str, Any]]:
    """Return each family with its sizes, units and bounds."""
    return [
        {
            "family": name,
            "sizes": [
                {"name": each.name, "unit": each.unit, "default": each.default,
                 "min": each.low, "max": each.high, "source": each.source}
                for each in family.sizes()
            ],
        }
        for name, family in FAMILIES.items()
    ]  # fmt: skip
