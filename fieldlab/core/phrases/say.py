"""Turn a reason (a phrase's key and its numbers) into a sentence."""

from collections.abc import Mapping
from typing import Literal

from fieldlab.core.messages import Reason
from fieldlab.core.phrases import en, nl

Language = Literal["en", "nl"]
LANGUAGES: tuple[Language, ...] = ("en", "nl")
CATALOGUES: dict[Language, dict[str, str]] = {"en": en.PHRASES, "nl": nl.PHRASES}


def say(reason: Reason, language: Language = "en") -> str:
    """Return the sentence of a reason; decimals get the comma of the language.

    A text that begins with `@` is itself a phrase's key; it is said with the same numbers.

    Raises
    ------
    KeyError
        If no catalogue has the phrase, or a number of it is missing.
    """
    catalogue = CATALOGUES[language]
    numbers: dict[str, object] = {}
    for key, value in reason.numbers.items():
        if isinstance(value, str) and value.startswith("@"):
            numbers[key] = _Phrase(catalogue[value[1:]], numbers)
        else:
            dutch = language == "nl" and isinstance(value, float)
            numbers[key] = _Dutch(value) if dutch else value
    return catalogue[reason.key].format(**numbers)


class _Phrase:
    """A phrase within a phrase: it is filled in when it is said."""

    def __init__(self, phrase: str, numbers: Mapping[str, object]) -> None:
        self._phrase = phrase
        self._numbers = numbers

    def __format__(self, _: str) -> str:
        return self._phrase.format(**self._numbers)


class _Dutch(float):
    """A number that is written with a decimal comma."""

    def __format__(self, spec: str) -> str:
        return float.__format__(self, spec).translate(str.maketrans(".,", ",."))
