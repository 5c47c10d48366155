"""Read lines of G-code as data: pure, strict about numbers, tolerant about spelling.

Strict wherever two firmwares read the same line differently: then it is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fieldlab.core.errors import PayloadError

# As in Marlin, a word is a letter and a decimal number; there are no exponents (X1E5 is X1 E5).
_WORD = re.compile(r"([A-Z])([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))?")
_LINE = re.compile(r"(?:[A-Z](?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))?)+")
# Klipper's own commands: a name with a low line, then NAME=number.
_EXTENDED = re.compile(r"([A-Z]+(?:_[A-Z]+)+)((?:[ \t]+[A-Z_]+=[-+]?[0-9]*\.?[0-9]+)*)")
_OPTION = re.compile(r"([A-Z_]+)=([-+]?[0-9]*\.?[0-9]+)")
_MESSAGE = re.compile(
    r"(?:N([0-9]+)[ \t]*)?M117(?:[ \t]+([A-Z0-9 .,:%/_!?+-]{0,64}))?", re.IGNORECASE
)
# What a file asks a Prusa printer to be before it starts: model, nozzle, firmware.
_ASKED = re.compile(
    r"(M862\.[1-6]|M115)[ \t]+[PQU][ \t]*(?:\"([A-Z0-9 .+_-]{1,32})\"|[0-9][0-9.]*)", re.I
)
# Some hosts obey a comment that begins so (Repetier-Host: ";@pause").
_HOST_COMMAND = re.compile(r"[;(][ \t]*@")
_CODE_INSIDE = re.compile(r"[GMTN][ \t]*[0-9]", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
# Without an option for it, Marlin reads on inside brackets: no word with a number may stand there.
_WORD_INSIDE = re.compile(r"[A-Z][ \t]*[-+.]?[0-9]|\b[a-z][-+.]?[0-9]|[*;]")
# Some firmware reads these as 1e5 and 0x10, some as two words: so nobody may.
_AMBIGUOUS = re.compile(
    r"[^GMT0-9.][-+]?[0-9.]+E[-+]?[0-9]|[^GMT0-9.]0+X[0-9A-F]|[0-9.][ \t]+[0-9.]|[-+][ \t]",
    re.IGNORECASE,
)
# What ends a line for one reader and not for the next, or cannot be seen.
_HIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"[ \t]+")
_CHECKSUM = re.compile(r"[0-9]{1,3}")
MAX_COMMAND = 96  # Marlin's MAX_CMD_SIZE: what is longer is cut off
MAX_LINE = 20_000
_LARGEST = 1e9


class GcodeError(PayloadError):
    """A line that is not G-code; the message says what is wrong with it."""


@dataclass(slots=True, frozen=True)
class Command:
    """One command: its code (`G1`), its words, and the sender's line number if it has one.

    A word without a number (`G28 X`) holds None; the text of a message (`M117`) is left out.
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
    if len(raw) > MAX_LINE:
        raise GcodeError(f"a line of {len(raw)} characters; at most {MAX_LINE} are allowed")
    if (hidden := _HIDDEN.search(raw)) is not None:
        raise GcodeError(f"a control character ({ord(hidden[0]):#04x})")
    if _HOST_COMMAND.search(raw):
        raise GcodeError("a comment that a host would obey")
    text = raw.partition(";")[0]
    if "(" in text:
        text = _COMMENT.sub(_silent, text)
    body, star, checksum = text.partition("*")
    if star:
        _judge_checksum(body, checksum.strip())
    body = body.strip()
    if not body:
        return None
    if len(text.strip()) > MAX_COMMAND:
        raise GcodeError(f"a command of {len(text)} characters; a printer keeps {MAX_COMMAND}")
    return _named(body, line) or _lettered(body, line, checked=bool(star))


def parse(text: str) -> Iterator[Command]:
    """Yield the commands of a file; raises GcodeError at the first line that is not G-code."""
    for line, raw in enumerate(_LINE_END.split(text), 1):
        command = parse_line(raw, line)
        if command is not None:
            yield command


def _silent(comment: re.Match[str]) -> str:
    """Return nothing for a comment in brackets, if every firmware takes it for one."""
    if _WORD_INSIDE.search(comment[0]):
        raise GcodeError(f"the comment {comment[0][:40]!r} would be read as words by some firmware")
    return ""


def _judge_checksum(body: str, given: str) -> None:
    found = 0
    for byte in body.encode("utf-8", "replace"):
        found ^= byte
    if _CHECKSUM.fullmatch(given) is None or int(given) != found:
        raise GcodeError(f"checksum is {given[:8]!r} but the line gives {found}")


def _named(body: str, line: int) -> Command | None:
    """Return a command that is not letters and numbers: a message, a check, or one of Klipper's."""
    if (message := _MESSAGE.fullmatch(body)) is not None:
        if _CODE_INSIDE.search(message[2] or ""):  # old firmware obeys a code inside a message
            raise GcodeError("a message that holds a code")
        return Command(line, "M117", {}, None if message[1] is None else _sequence(message[1]))
    if (asked := _ASKED.fullmatch(body)) is not None:
        if _CODE_INSIDE.search(asked[2] or ""):
            raise GcodeError("a name that holds a code")
        return Command(line, asked[1].upper(), {})
    if (extended := _EXTENDED.fullmatch(body)) is not None:
        options = _OPTION.findall(extended[2])
        return Command(line, extended[1], _values(options))
    return None


def _lettered(body: str, line: int, *, checked: bool) -> Command:
    squeezed = _BLANK.sub("", body)
    squeezed = squeezed.upper() if squeezed.isascii() else ""  # 'ı'.upper() is 'I'
    if _LINE.fullmatch(squeezed) is None or _AMBIGUOUS.search(body):
        raise GcodeError(f"{body[:40]!r} is not G-code")
    words = _WORD.findall(squeezed)
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
    return Command(line, letter + (number.lstrip("0") or "0"), _values(words[1:]), sequence)


def _values(words: list[tuple[str, str]]) -> dict[str, float | None]:
    values = {name: _finite(name, digits) for name, digits in words}
    if len(values) != len(words):
        raise GcodeError("a word is there twice")
    return values


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
