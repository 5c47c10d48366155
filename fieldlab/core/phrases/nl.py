"""The Dutch catalogue: phrase key to sentence; numbers are filled in by `say`."""

PHRASES: dict[str, str] = {
    "ask-not-sure": "Er is iets veranderd, maar geen onderdeel springt eruit: kijk er even naar.",
}
