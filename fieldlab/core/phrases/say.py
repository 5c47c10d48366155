"""Turn a reason (a phrase's key and its numbers) into a sentence."""

from typing import Literal

from fieldlab.core.messages import Reason
from fieldlab.core.phrases import en, nl

Language = Literal["en", "nl"]
LANGUAGES: tuple[Language, ...] = ("en", "nl")
CATALOGUES: dict[Language, dict[str, str]] = {"en": en.PHRASES, "nl": nl.PHRASES}


def say(reason: Reason, language: Language = "en") -> str:
    """Return the sentence of a reason; decimals get the comma of the language.

    Raises
    ------
    KeyError
        If no catalogue has the phrase, or a number of it is missing.
    """
    phrase = CATALOGUES[language][reason.key]
    if language == "en":
        return phrase.format(**reason.numbers)
    numbers = {key: _Dutch(value) if isinstance(value, float) else value
               for key, value in reason.numbers.items()}  # fmt: skip
    return phrase.format(**numbers)


class _Dutch(float):
    """A number that is written with a decimal comma."""

    def __format__(self, spec: str) -> str:
        return float.__format__(self, spec).translate(str.maketrans(".,", ",."))
