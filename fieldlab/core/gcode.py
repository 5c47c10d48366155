"""Read lines of G-code as data: pure, strict about numbers, tolerant about spelling."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fieldlab.core.errors import PayloadError

# As in Marlin, a word is a letter and a decimal number; there are no exponents (X1E5 is X1 E5).
_WORD = re.compile(r"([A-Z])([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))?")
_LINE = re.compile(r"(?:[A-Z](?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))?)+")
_COMMENT = re.compile(r"\([^()]*\)")
# Some firmware reads these as 1e5 and 0x10, some as two words: so nobody may.
_AMBIGUOUS = re.compile(r"[^GMT0-9.][-+]?[0-9.]+E[-+]?[0-9]|[^GMT0-9.]0+X[0-9A-F]", re.IGNORECASE)
_BLANK = re.compile(r"[ \t]+")
_CHECKSUM = re.compile(r"[0-9]{1,3}")
MAX_LINE = 512
_LARGEST = 1e9


class GcodeError(PayloadError):
    """A line that is not G-code; the message says what is wrong with it."""


@dataclass(slots=True, frozen=True)
class Command:
    """One command: its code (`G1`), its words, and the sender's line number if it has one.

    A word without a number (`G28 X`) holds None.
    """

    line: int
    code: str
    words: Mapping[str, float | None]
    sequence: int | None = None


def parse_line(raw: str, line: int = 1) -> Command | None:
    """Return the command in a line, None if there is only a comment.

    Raises
    ------
    GcodeError
        If a word is no finite number, is there twice, or a checksum is wrong.

    >>> parse_line("g1 x1.5 Y-2 ; to the left").words
    {'X': 1.5, 'Y': -2.0}
    """
    text = raw.partition(";")[0]
    if "(" in text:
        text = _COMMENT.sub("", text)
    body, star, checksum = text.partition("*")
    if star:
        _judge_checksum(body, checksum.strip())
    squeezed = _BLANK.sub("", body.strip()).upper()
    if not squeezed:
        return None
    if len(raw) > MAX_LINE:
        raise GcodeError(f"a line of {len(raw)} characters; at most {MAX_LINE} are allowed")
    if _LINE.fullmatch(squeezed) is None or _AMBIGUOUS.search(body):
        raise GcodeError(f"'{body.strip()[:40]}' is not G-code")
    return _command(_WORD.findall(squeezed), line, checked=bool(star))


def parse(text: str) -> Iterator[Command]:
    """Yield the commands of a file; raises GcodeError at the first line that is not G-code."""
    for line, raw in enumerate(text.splitlines(), 1):
        command = parse_line(raw, line)
        if command is not None:
            yield command


def _judge_checksum(body: str, given: str) -> None:
    found = 0
    for byte in body.encode("utf-8", "replace"):
        found ^= byte
    if _CHECKSUM.fullmatch(given) is None or int(given) != found:
        raise GcodeError(f"checksum is {given[:8]!r} but the line gives {found}")


def _command(words: list[tuple[str, str]], line: int, *, checked: bool) -> Command:
    sequence = None
    if words[0][0] == "N":
        sequence = _sequence(words.pop(0)[1])
    elif checked:
        raise GcodeError("a checksum without a line number")
    if not words:
        raise GcodeError("a line number without a command")
    letter, number = words[0]
    if letter not in "GMT" or not number:
        raise GcodeError(f"'{letter}{number}' is not a command")
    values = {name: _finite(name, digits) for name, digits in words[1:]}
    if len(values) != len(words) - 1:
        raise GcodeError("a word is there twice")
    return Command(line, letter + (number.lstrip("0") or "0"), values, sequence)


def _sequence(number: str) -> int:
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise GcodeError(f"'N{number[:12]}' is not a line number")
    return int(number)


def _finite(name: str, digits: str) -> float | None:
    if not digits:
        return None
    value = float(digits)
    if abs(value) > _LARGEST:
        raise GcodeError(f"{name} is {digits[:12]}..., which no printer can do")
    return value
