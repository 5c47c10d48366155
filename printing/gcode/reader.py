"""A file's bytes to what a machine does with them."""

from fieldlab.core.gcode import Command, GcodeError, parse_line
from fieldlab.core.messages import Refusal
from printing.gcode.codes import follow
from printing.gcode.machine import Machine
from printing.gcode.refused import RefusedCommandError
from printing.gcode.runs import draw, runs

MAX_BYTES = 128 * 1024 * 1024
MAX_LINES = 4_000_000
MAX_REFUSALS = 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read(gcode: bytes, machine: Machine) -> list[Refusal]:
    """Let a machine follow a file; return what it refuses, with the line of each."""
    if len(gcode) > MAX_BYTES:
        return [Refusal(line=0, reason=f"{len(gcode)} bytes; at most {MAX_BYTES}")]
    text = _text(gcode)
    if text is None:
        return [Refusal(line=0, reason="not a text file")]
    if (count := text.count("\n")) > MAX_LINES:
        return [Refusal(line=0, reason=f"{count} lines; at most {MAX_LINES}")]
    reader = _Reader(machine, skip_first=gcode.startswith(_BYTE_ORDER_MARK))
    done = 0
    for start, end in runs(text):
        reader.slowly(text[done:start])
        reader.fast(text[start:end])
        done = end
        if len(reader.refusals) >= MAX_REFUSALS:
            return reader.refusals
    reader.slowly(text[done:])
    return reader.refusals


def _text(gcode: bytes) -> str | None:
    """Return the text; only CR and LF end a line, as in a printer."""
    if b"\0" in gcode:
        return None
    try:
        text = gcode.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


class _Reader:
    """Follows the lines of a file and keeps what is wrong with them.

    With `skip_first` the first command is not obeyed: a printer may take the byte order mark
    before it for a part of it.
    """

    def __init__(self, machine: Machine, *, skip_first: bool) -> None:
        self._machine = machine
        self._skip = skip_first
        self._line = 0
        self._last: int | None = None
        self.refusals: list[Refusal] = []

    def fast(self, text: str) -> None:
        """Follow plain lines all at once; one by one if anything is wrong with them."""
        if self._skip or not draw(self._machine, text, self._line + 1):
            self.slowly(text)
        else:
            self._line += text.count("\n")

    def slowly(self, text: str) -> None:
        """Follow lines one by one."""
        for raw in text.split("\n")[:-1]:
            self._line += 1
            try:
                command = parse_line(raw, self._line)
                if command is None:
                    continue
                self._last = _in_sequence(command, self._last)
                if self._skip:
                    self._skip = False
                    continue
                follow(self._machine, command)
            except (GcodeError, RefusedCommandError) as error:
                self.refusals.append(Refusal(line=self._line, reason=str(error)))
                if len(self.refusals) >= MAX_REFUSALS:
                    return


def _in_sequence(command: Command, last: int | None) -> int | None:
    """Return the line number that the next one must follow; raises RefusedCommandError."""
    sequence = command.sequence
    if sequence is None:
        return last
    if command.code != "M110" and last is not None and sequence != last + 1:
        raise RefusedCommandError(f"line number N{sequence} after N{last}")
    return sequence
