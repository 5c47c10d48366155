"""The English catalogue: phrase key to sentence; numbers are filled in by `say`."""

PHRASES: dict[str, str] = {
    "ask-not-sure": "Something changed, but no component stands out: please have a look.",
}
