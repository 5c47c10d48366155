"""Many bad files, each with one thing wrong, all refused; many harmless ones, all accepted."""

from collections.abc import Callable, Iterator

import pytest

from printing.gcode.gate import check

GOOD = """G21
G90
M83
M140 S60
M104 S215
G28
M190 S60
M109 S215
G92 E0
G0 X50 Y50 Z5 F6000
G1 Z0.2 F600
G1 E2 F300
G1 X70 Y50 E0.8 F1200
G1 X70 Y70 E0.8
G1 X50 Y70 E0.8
G1 X50 Y50 E0.8
G1 E-0.8 F2100
G0 Z0.4 F600
G0 X51 Y51 F6000
G1 E0.8 F2100
G1 X69 Y51 E0.7 F1200
G3 X69 Y60 I0 J4.5 E0.5
G1 E-2 F1800
G0 Z20 F600
M107
M104 S0
M140 S0
M84""".splitlines()
MIDDLE = 14  # between two lines that extrude


def with_line(line: str, at: int = MIDDLE) -> list[str]:
    return [*GOOD[:at], line, *GOOD[at:]]


def without(start: str) -> list[str]:
    return [line for line in GOOD if not line.startswith(start)]


def changed(old: str, new: str) -> list[str]:
    assert old in GOOD
    return [new if line == old else line for line in GOOD]


def bad_codes() -> Iterator[list[str]]:
    allowed_g = {0, 1, 2, 3, 4, 17, 21, 28, 90, 92}
    for number in (*range(5, 60), 76, 80, 81, 91, 93, 94, 95, 98, 99):
        if number not in allowed_g:
            yield with_line(f"G{number}")
    unsafe = (0, 1, 2, 3, 16, 20, 21, 23, 24, 25, 26, 28, 29, 30, 32, 33, 42, 43, 48, 80, 81, 85,
              92, 93, 108, 111, 112, 113, 118, 120, 121, 125, 141, 145, 149, 150, 163, 164,
              200, 206, 207, 208, 209, 211, 218, 226, 240, 250, 280, 290, 300, 301, 302, 303, 304,
              305, 350, 351, 355, 360, 380, 381, 401, 402, 403, 404, 407, 410, 412, 420, 421, 425,
              428, 430, 486, 500, 501, 502, 503, 504, 510, 511, 512, 524, 540, 569, 575, 592, 593,
              600, 603, 605, 665, 666, 672, 701, 702, 710, 808, 810, 851, 852, 860, 871, 900, 906,
              907, 908, 911, 912, 913, 914, 915, 916, 917, 918, 919, 928, 951, 993, 994, 995, 997,
              999)  # fmt: skip
    for number in unsafe:
        yield with_line(f"M{number} S1")
    for tool in range(4):
        yield with_line(f"T{tool}")


def bad_places() -> Iterator[list[str]]:
    for code in ("G0", "G1"):
        for words in ("X-0.1", "Y-1", "Z-0.01", "X250.01", "Y210.5", "Z210.1", "X1000", "Y99999",
                      "X-99999", "Z1000", "X300 Y300", "X0 Y0 Z-5", "X999999999"):  # fmt: skip
            yield with_line(f"{code} {words}")
    for arc in ("G2 X50 Y50 I10 J0", "G3 X70 Y70 R1", "G2 X70 Y70", "G2 X80 Y70 I5 J0 R5",
                "G3 X70 Y70 I0 J0", "G2 I-69", "G3 I0 J-55", "G3 X240 Y70 I85 J0",
                "G3 X10 Y70 R-145", "G2 I2000 J0", "G3 I0 J80", "G2 I-10 J-200",
                "G3 X70.5 Y70 Z0.4 I-5 J0 E1"):  # fmt: skip
        yield with_line(arc)
    yield with_line("G0 X100 Y100 Z0.1")
    yield with_line("G1 X60 Y60 Z0.3 E0.2")
    yield with_line("G0 X60 Y60", at=len(GOOD) - 1)[:-1]


def bad_numbers() -> Iterator[list[str]]:
    for number in ("nan", "inf", "-inf", "1e400", "1e5", "--1", "1.2.3", "0x10", "1,5", "", "+",
                   "-", ".", "9" * 400, "1_000", "٣", "½", "1e", "∞", "#1", "[1]", "=1",
                   "1/2", "1000000001"):  # fmt: skip
        for word in "XYZEF":
            yield with_line(f"G1 {word}{number}")


def bad_lines() -> Iterator[list[str]]:
    for line in ("G1 X60 X61", "G1 X60 Y60 E0.1 E0.2", "G", "M", "X60", "X60 Y60", "G1.5 X60",
                 "G-1 X60", "hello", "G1 X60 (never closed", "G1 Q5", "G1 X60 S1000", "G28 P1",
                 "M104", "M104 S", "M109", "M109 S215 R215", "M140", "M190", "M104 T1 S215",
                 "G4 S1000", "G4 P1000000", "G4 S-1", "M106 S256", "M106 S-1", "G1 X60 *00",
                 "N5 G1 X60*1", "N5 G1 X60*999", "N5 G1 X60*abc", "N5", "N-5 G1 X60", "N1.5 G1 X60",
                 "G1 X60*71", "G1 X60 F6000 \x01", "$J=X10", "/G1 X60", "%", ":G1 X60", "G1 X60 ]",
                 "G92", "G92 X0", "G92 Y0", "G92 Z0", "G92 X0 Y0 Z0 E0", "G92 Z5 E0", "G28 Z",
                 "G28", "M82", "M220 S200", "M221 S150", "M220", "M204 S100000", "M204 P0",
                 "M201 X99999", "M203 X9999", "M84 S", "M18 X", "G1 " + "X" * 600):  # fmt: skip
        yield with_line(line)
    yield [*GOOD[:5], "N1 G4 P1", "N3 G4 P1", *GOOD[5:]]
    yield [*GOOD[:5], "N7 G4 P1", "N7 G4 P1", *GOOD[5:]]


def bad_heat() -> Iterator[list[str]]:
    for target in (231, 250, 300, 301, 350, 500, 1000, -1, -215):
        yield changed("M104 S215", f"M104 S{target}")
        yield changed("M109 S215", f"M109 S{target}")
    for target in (0, 20, 150, 170, 185, 189):
        yield changed("M109 S215", f"M109 S{target}")
    for target in (66, 80, 120, 121, 200, -1):
        yield changed("M140 S60", f"M140 S{target}")
        yield changed("M190 S60", f"M190 S{target}")
    for target in (0, 20, 39):
        yield with_line(f"M140 S{target}")
    for target in (0, 20, 150, 180, 189):
        yield with_line(f"M104 S{target}")
    yield without("M109")
    yield without("M190")[:0] + [line for line in GOOD if line[:4] not in ("M190", "M140")]
    yield [*GOOD[:5], "G1 E5 F300", *GOOD[5:]]


def bad_order() -> Iterator[list[str]]:
    yield without("G28")
    yield without("G90")
    yield without("M83")
    yield without("M84")
    yield without("M104 S0")
    yield without("M140 S0")
    yield changed("G28", "G28 X Y")
    yield changed("G28", "G28 Z")
    yield [*GOOD, "M104 S200"]
    yield [*GOOD, "M140 S50"]
    yield [*GOOD, "M17", "G28"]
    yield [*GOOD, "G1 X10"]
    yield []
    yield ["; nothing"]
    yield [
        line for line in GOOD if " E0.8" not in line and " E0.7" not in line and "E0.5" not in line
    ]
    yield ["G0 X10 F6000", *GOOD]
    yield ["G91", *GOOD]
    yield ["G20", *GOOD]
    for number in range(1, len(GOOD)):
        yield GOOD[:number]


def bad_flow() -> Iterator[list[str]]:
    for feed in (12_001, 12_100, 20_000, 60_000, 1e6, 0, -1, -6000):
        yield with_line(f"G1 X60 Y60 F{feed:g}")
        yield with_line(f"G0 F{feed:g}")
    for push in (10, 20, 50, 100, 1000, 100_000):
        yield with_line(f"G1 X60 Y60 E{push}")
        yield with_line(f"G1 E{push}")
        yield with_line(f"G1 E-{push + 1}")
    for feed in (9_000, 12_000):
        yield with_line(f"G1 X60 Y60 E1.5 F{feed}")
        yield with_line(f"G1 E-1 F{feed}")
    yield changed("G1 Z0.2 F600", "G1 Z0.01 F600")
    yield changed("G1 Z0.2 F600", "G1 Z0.6 F600")
    yield changed("G0 Z0.4 F600", "G0 Z1.4 F600")
    yield changed("G1 E0.8 F2100", "G4 P0")
    yield changed("G0 Z0.4 F600", "G0 Z0.1 F600")


MAKERS = (bad_codes, bad_places, bad_numbers, bad_lines, bad_heat, bad_order, bad_flow)
BAD = [lines for make in MAKERS for lines in make()]


def judged(lines: list[str], end: str = "\n") -> tuple[str, ...]:
    gcode = end.join([*lines, ""]).encode()
    report = check(gcode, printer="virtual", material="PLA")
    assert report.ok == (not report.refusals)
    return tuple(f"{refusal.line}: {refusal.reason}" for refusal in report.refusals)


def test_there_are_many_bad_files() -> None:
    assert len({tuple(lines) for lines in BAD}) >= 300


@pytest.mark.parametrize("make", MAKERS)
def test_every_bad_file_is_refused(make: Callable[[], Iterator[list[str]]]) -> None:
    passed = [lines for lines in make() if not judged(lines)]

    assert passed == []


@pytest.mark.parametrize("gcode", [b"\xff\xfe", b"G28\0\n", bytes(range(256)), b"\x80" * 100])
def test_bytes_that_are_no_text_are_refused(gcode: bytes) -> None:
    assert not check(gcode, printer="virtual", material="PLA").ok


def test_a_refusal_names_its_line() -> None:
    report = check("\n".join(with_line("G1 X999")).encode(), printer="virtual", material="PLA")

    assert report.refusals[0].line == MIDDLE + 1
    assert "off the bed" in report.refusals[0].reason


def _absolute() -> list[str]:
    lines, level = [], 0.0
    for line in GOOD:
        head, mark, e = line.partition(" E")
        if mark and line[:2] in ("G1", "G3"):
            number, _, rest = e.partition(" ")
            level += float(number)
            lines.append(f"{head} E{level:.4f} {rest}".strip())
        else:
            lines.append("M82" if line == "M83" else line)
    return lines


def _numbered() -> list[str]:
    lines = []
    for number, line in enumerate(["M110 N0", *GOOD]):
        body = f"N{number} {line} "
        total = 0
        for byte in body.encode():
            total ^= byte
        lines.append(f"{body}*{total}")
    return lines


HARMLESS = {
    "as it is": GOOD,
    "lower case": [line.lower() for line in GOOD],
    "many spaces": ["   " + line.replace(" ", "    ") + "  " for line in GOOD],
    "tabs": [line.replace(" ", "\t") for line in GOOD],
    "no space after the code": [line.replace(" ", "", 1) for line in GOOD],
    "comments": [f"{line} ; so be it" for line in GOOD],
    "comments in brackets": [f"{line} (so be it)" for line in GOOD],
    "a comment that looks like code": [*GOOD, "; G1 X999 E99"],
    "empty lines": [part for line in GOOD for part in (line, "", "   ")],
    "leading zeros": [line.replace("G1 ", "G01 ").replace("G0 ", "G00 ") for line in GOOD],
    "plus signs": changed("G1 X70 Y50 E0.8 F1200", "G1 X+70 Y+50 E+0.8 F+1200"),
    "no zero before the point": changed("G1 Z0.2 F600", "G1 Z.2 F600"),
    "a point at the end": changed("G1 X70 Y70 E0.8", "G1 X70. Y70. E0.8"),
    "words in another order": changed("G1 X70 Y70 E0.8", "G1 E0.8 Y70 X70"),
    "absolute extrusion": _absolute(),
    "line numbers and checksums": _numbered(),
    "a byte order mark": ["\ufeff" + GOOD[0], *GOOD[1:]],
    "progress": with_line("M73 P50 R10"),
    "fan": with_line("M106 S255"),
    "half a fan": with_line("M106 S127.5"),
    "a short wait": with_line("G4 P500"),
    "wait for moves": with_line("M400"),
    "another nozzle temperature": with_line("M104 S205"),
    "cooler bed": with_line("M140 S55"),
    "factors of 100 %": with_line("M221 S100"),
    "acceleration": with_line("M204 S800"),
    "accelerations by kind": with_line("M204 P800 R1000 T1000"),
    "jerk": with_line("M205 X8 Y8"),
    "E starts again": with_line("G92 E0"),
    "home X and Y at the end": [*GOOD[:-1], "G28 X Y", "M84"],
    "home X0 at the end": [*GOOD[:-1], "G28 X0", "M84"],
    "motors off by M18": changed("M84", "M18"),
    "named motors off": changed("M84", "M84 X Y E"),
    "an arc by its radius": with_line("G2 X60 Y60 R12 E0.5"),
    "a full circle": with_line("G2 I5 J0 E0.9"),
    "the corner of the bed": with_line("G0 X250 Y210"),
    "the other corner": with_line("G0 X0 Y0"),
    "a preheat below the window": ["M104 S160", *GOOD],
    "R instead of S": changed("M109 S215", "M109 R215"),
    "no end of line": [*GOOD[:-1], "M84"],
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_harmless_variant_is_accepted(name: str, end: str) -> None:
    assert judged(HARMLESS[name], end) == ()
