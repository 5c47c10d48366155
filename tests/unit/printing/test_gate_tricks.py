"""Files made to fool a gate: what one firmware reads and another does not, and slow tricks."""

from collections.abc import Callable, Iterator

import pytest

from printing.gcode.gate import check
from tests.unit.printing.test_gate_corpus import GOOD, MIDDLE, changed, judged, with_line, without


def unseen_characters() -> Iterator[list[str]]:
    for hidden in ("\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x7f", "\x1b", "\x08"):
        yield with_line(f"; nothing{hidden}M104 S300")
        yield with_line(f"G1 X60{hidden}Y60")
    for look_alike in ("ſ", "ı", "Ｓ", "Ѕ", "\u00a0", "\u200b", "\ufeff", "\u202e", "٠", "０"):
        yield changed("M104 S0", f"M104 {look_alike}0")
        yield with_line(f"G1 X6{look_alike} Y60")


def read_in_two_ways() -> Iterator[list[str]]:
    for line in ("G1 X6 0 Y60", "G1 X60 Y- 5", "G1 X 6 . 0", "G1 X60 (Y999)", "G1 X60 (Y 999)",
                 "G1 (E100) X60", "(M104 S300) G1 X60", "G1 X60 (x999", "G1 X60 (a;b) Y60",
                 "G1 X60 (a*b) Y60", "G1 X60" + " " * 90 + "Y60", "G1 X1E2", "G1 X0x3C",
                 "M117 G28", "M117 M112", "M117 go to T1", "M117 {printer}", "M117 G 1 X99",
                 "m117 n1 x", "G1 X60 G1 Y60", "G1 X60 M104 S300", "G1 X60 T1",
                 "M104 S200 S300", "G28 X Y Z G1", "G1 X60 ;\rM104 S300", "G1 X60\rG1 X999",
                 "; fine\rM502", "N1 G1 X60 N2", "G1 N5 X60", "M109 R S215"):  # fmt: skip
        yield with_line(line)


def macros() -> Iterator[list[str]]:
    for line in ("START_PRINT", "SET_KINEMATIC_POSITION X=0 Y=0 Z=0", "SAVE_CONFIG", "PAUSE",
                 "SET_VELOCITY_LIMIT ACCEL=100000", "SET_VELOCITY_LIMIT ACCEL=1000", "G1 X{x}",
                 "{% for i in range(9) %}", "RESPOND MSG=hi", "SET_PRESSURE_ADVANCE ADVANCE=9",
                 "TURN_OFF_HEATERS", "SET_HEATER_TEMPERATURE HEATER=extruder TARGET=300",
                 "SET_GCODE_OFFSET Z=-1", "SET_GCODE_OFFSET Z_ADJUST=-0.5 MOVE=1",
                 "RESTORE_GCODE_STATE NAME=a MOVE=1", "SAVE_GCODE_STATE NAME=a", "RESTART",
                 "FIRMWARE_RESTART", "FORCE_MOVE STEPPER=stepper_z DISTANCE=-10 VELOCITY=5",
                 "MANUAL_STEPPER STEPPER=a MOVE=1", "SET_PIN PIN=x VALUE=1", "BED_MESH_CLEAR",
                 "SET_FAN_SPEED FAN=x SPEED=1", "SET_IDLE_TIMEOUT TIMEOUT=999999",
                 "UPDATE_DELAYED_GCODE ID=x DURATION=1", "TUNING_TOWER", "CANCEL_PRINT",
                 "SDCARD_PRINT_FILE FILENAME=x", "EXCLUDE_OBJECT NAME=part", "_CLIENT_X",
                 "SYNC_EXTRUDER_MOTION EXTRUDER=a", "PID_CALIBRATE HEATER=a TARGET=300",
                 "RUN_SHELL_COMMAND CMD=x", "@pause", "; then\n@kill", "!shutdown", "M98 P\"x.g\"",
                 "M32 !x.g", "T?", "$$", "?", "~", "Tx", "M1000", "G999", "M10086"):  # fmt: skip
        yield with_line(line)


def shifted_origins() -> Iterator[list[str]]:
    for line in ("G92.1", "G92.2", "G52 X10", "G53", "G54", "G10 L2 P1 X10", "G10", "G11", "G17 X1",
                 "G18", "G19", "G20", "G68 R45", "G51 X2", "G61", "G60", "M206 X-10", "M428",
                 "M218 T0 X10", "M851 Z-1", "M290 Z-0.5", "M211 S0", "M302 P1", "M302 S0",
                 "M92 X160", "M92 E800", "M221 S99", "M220 S101", "M221 D1 S100", "M82",
                 "G92 E1000000", "G92 E-1000000", "G92 E nan", "G92 Z0.2", "G92 E0 Z5",
                 "M200 D2.85", "M200 S1 D1.75", "M200", "M221", "M221 S200", "M220 S10", "M220 B",
                 "G53 G1 X10", "G10 L20 P1 X0", "G12", "G26", "G27", "G38.2 Z0", "G42 I1 J1",
                 "G55", "G59.3", "G80", "G89", "G93", "G94", "G95", "G161 Z", "G162 Z", "G92.3",
                 "M500", "M501", "M502", "M504", "M428", "M48", "M81", "M85 S10", "M100",
                 "M350 X16", "M420 S1 Z10", "M572 D0 S5", "M593 F20", "M808 L3", "M900 K5",
                 "M906 X2000", "M98 P1", "M99", "O100", "#1=100", "G1 X#1", "{M104 S250}",
                 "M665 L100", "M666 X1", "M852 I0.1", "M301 P99", "M303 E0 S200"):  # fmt: skip
        yield with_line(line)


def lost_positions() -> Iterator[list[str]]:
    """Motors that are off, axes that were not homed, moves that mean two things."""
    yield with_line("M84")
    yield with_line("M18 X")
    yield [*GOOD[:14], "M84", "G28 X Y", *GOOD[14:]]
    yield [*GOOD, "M17"]
    yield [*GOOD, "M104 S215"]
    yield [*GOOD, "M140 S60"]
    yield changed("G90", "G1 Z5 F300")
    yield [*without("G90"), "G90"]
    yield [*GOOD[:9], "G0 X50 Y50 Z5 F6000", "M82", "G1 Z0.2", "G1 X70 E40", *GOOD[12:]]
    yield changed("M84", "M84 X")
    yield ["G1 X10 F600", *GOOD]
    yield ["G28 X", *without("G28")]


def slow_tricks() -> Iterator[list[str]]:
    yield [*GOOD[:14], *["G4 S120"] * 16, *GOOD[14:]]
    yield [*GOOD[:14], *["M109 S215"] * 1100, *GOOD[14:]]
    for feed in (0.01, 1, 10, 29):
        yield with_line(f"G1 X60 Y60 F{feed}")
    for line in ("M204 S1", "M204 P0.5", "M204 S2600", "M204 T-5", "M201 X1", "M201 X0", "M203 X1",
                 "M203 X0", "M203 E0.1", "M203 X501", "M205 X60", "M205 J-1", "M205 B1e9",
                 "M205 X31", "M205 E40", "M205 S50", "M205 T20", "M205 J2", "M205 B60000",
                 "M106 P1 S255", "M106 S-5", "M106 S300", "M107 X", "M400 S9", "G4 S121",
                 "G4 P120001", "G4 S-1"):  # fmt: skip
        yield with_line(line)


def hot_and_cold() -> Iterator[list[str]]:
    for line in ("M104 S230.1", "M109 S230.1", "M104 S189.9", "M109 S170", "M140 S39", "M190 S66",
                 "M190 R66", "M104 R215", "M140 R60", "M104 T1 S200", "M109 T2 S215", "M104 S2e2",
                 "M141 S60", "M191 S60", "M104", "M109 R0", "M190 S0"):  # fmt: skip
        yield with_line(line)
    yield changed("M109 S215", "M104 S215")
    yield changed("M109 S215", "M109 S215\nM104 S0\nM104 S215")


def spilt_filament() -> Iterator[list[str]]:
    yield with_line("G1 E0.6")
    yield [*GOOD[:14], "G1 E0.4", "G1 E0.4", *GOOD[14:]]
    yield [*GOOD[:14], "G1 Z0.21 E3", "G1 Z0.2", *GOOD[14:]]
    yield with_line("G1 E-0.8 F2100")
    yield with_line("G1 X69 Y69 E-0.5")
    yield with_line("G1 X70.001 Y70 E4")
    yield with_line("G1 X60 Y60 Z0.25 E0.3")
    yield changed("G1 E2 F300", "G1 E9 F300")
    yield with_line("G1 E-11 F300")
    yield with_line("G1 E0.5 F9000")


def crashes() -> Iterator[list[str]]:
    for line in ("G0 Z0.1", "G0 Z0", "G1 X60 Z0.15", "G0 X10 Y10 Z0.05", "G2 X50 Y50 R20 Z0.1",
                 "G0 X-1", "G0 Y-0.001", "G0 Z-0.001", "G1 X250.001", "G28 Z0"):  # fmt: skip
        yield with_line(line, at=22)
    for arc in ("G2 X70.001 Y70 I-50 J-50", "G3 I60 J60", "G2 I-60", "G2 X71 Y70 R-700", "G2 K5",
                "G2 X70 Y71 I180 J0.5", "G3 X71 Y70 R-90", "G2 X70 Y70 I5 P5", "G2 X70 Y80 I1 J1",
                "G2 Z300 I5", "G3 X70.002 Y70.002 I100 J100", "G2 I1e9", "G5 I1 J1 P1 Q1 X60 Y60",
                "G3 X60 Y60 I-5 J-5 Z-1"):  # fmt: skip
        yield with_line(arc, at=15)


PURGE = ["G0 X2 Y20 Z0.3 F6000", "G1 X2 Y120 E8 F1200", "G1 E-0.8 F2100"]


def purged(after: list[str]) -> list[str]:
    return [*GOOD[:9], *PURGE, *after, "G1 E0.8 F2100", *GOOD[12:]]


def purges() -> Iterator[list[str]]:
    yield purged(["G0 Z0.2", "G0 X50 Y50 F6000", "G0 X1 Y60", "G0 X50 Y50"])
    yield purged(["G0 Z2", "G0 X50 Y50 F6000", "G0 Z0.2 F600", "G0 X0 Y70", "G0 X50 Y50"])
    yield [line.replace("X2 ", "X40 ") for line in purged(["G0 Z0.2", "G0 X50 Y50 F6000"])]
    yield [line.replace("Z0.3", "Z0.36") for line in purged(["G0 Z0.01", "G0 X50 Y50"])]
    yield [
        *GOOD[:18],
        "G0 Z0.4",
        "G0 X2 Y20",
        "G1 E0.8 F2100",
        "G1 X2 Y60 E2",
        "G0 Z0.2",
        *GOOD[18:],
    ]


def words_that_are_no_numbers() -> Iterator[list[str]]:
    for word in ("M104 S", "M109 S", "M140 S", "G4 P", "M204 S", "M220 S", "G92 E", "M106 S"):
        for number in ("nan", "inf", "1e3", "0x10", "--5", "٣", "1.2.3", "9" * 60, "+-1", "1,0"):
            yield with_line(word + number)


def host_commands() -> Iterator[list[str]]:
    """Lines and comments that a host obeys before the printer sees them."""
    for line in (";@pause", "; @pause wait", "G1 X60 ;@kill", "; @execute rm", "(@pause)",
                 "@stop", "//action:pause", "; fine\n;@isathome", "M118 A1 action:pause", "M0",
                 "M0 S5", "M1", "M25", "M76", "M125", "M226 P2 S1", "M600", "M601", "M602",
                 "M524", "M108", "M24", "M23 x.gco", "M928 x.gco", "M28 x.gco", "M30 x.gco",
                 "M33 x.gco", "M997", "M999", "M112", "M410"):  # fmt: skip
        yield with_line(line)


def retractions_of_the_firmware() -> Iterator[list[str]]:
    for lines in (["G10"], ["G11"], ["G10", "G1 E0.5 F300", "G11"], ["G10 S1", "G11"],
                  ["G10 P0 S300"], ["G10", "G11 S1"], ["G10 L2 P1 X5", "G11"],
                  ["G10", "G28 X Y"], ["G10 R215"], ["M207 S99"], ["M208 S99"], ["M209 S1"],
                  ["G10", "G10", "G11", "G11"]):  # fmt: skip
        yield [*GOOD[:MIDDLE], *lines, *GOOD[MIDDLE:]]
    yield [*GOOD[:6], "G10", "G11", *GOOD[6:]]


def questions_with_a_command_in_them() -> Iterator[list[str]]:
    for line in ('M862.3 P "G28"', 'M862.3 P "M112"', "M862.3 P {x}", "M862.7 P1", "M862 P1",
                 'M862.3 P "MK3S', "M862.3 P MK3S M104 S300", "M862.1 P0.4 G1 X999", "M862.3 P;x",
                 'M862.3 P "MK3S" G1 X9', "M115 U3.13.3 G1 X999", "M115 S1",
                 "M115 UG28"):  # fmt: skip
        yield with_line(line)


MAKERS = (
    host_commands, retractions_of_the_firmware, questions_with_a_command_in_them,
    words_that_are_no_numbers, unseen_characters, read_in_two_ways, macros, shifted_origins,
    lost_positions, slow_tricks, hot_and_cold, spilt_filament, crashes, purges,
)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS)
def test_every_trick_is_refused(make: Callable[[], Iterator[list[str]]]) -> None:
    passed = [lines for lines in make() if not judged(lines)]

    assert passed == []


def test_there_are_many_tricks() -> None:
    assert len({tuple(lines) for make in MAKERS for lines in make()}) >= 300


ORCA = """; HEADER_BLOCK_START
; generated by OrcaSlicer 2.1.1 on 2025-03-01 at 10:11:12
; total layer number: 2
; model label id: 63
; filament_density: 1.24
; HEADER_BLOCK_END
;
; THUMBNAIL_BLOCK_START
; thumbnail begin 48x48 1024
; iVBORw0KGgoAAAANSUhEUgAAADAAAAAwCAYAAABXAvmHAAAACXBIWXMAAA7EAAAOxAGVKw4bAAAC+E1T04G90X99
; thumbnail end
; THUMBNAIL_BLOCK_END
;
; CONFIG_BLOCK_START
; before_layer_change_gcode = ;BEFORE_LAYER_CHANGE\\n;[layer_z]\\nG92 E0\\n
; machine_end_gcode = G91 ; then M104 S0
; CONFIG_BLOCK_END
M73 P0 R2
M106 P2 S0
M201 X1000 Y1000 Z500 E5000
M203 X200 Y200 Z10 E50
M204 P1000 R1000 T1000
M205 X8.00 Y8.00 Z0.40 E1.50 ; sets the jerk limits, mm/sec
;TYPE:Custom""".splitlines()
CURA = """;FLAVOR:Marlin
;TIME:3163
;Filament used: 1.02389m
;Layer height: 0.2
;MINX:50.2
;MINY:50.2
;MINZ:0.2
;MAXX:70
;MAXY:70
;MAXZ:0.4
;TARGET_MACHINE.NAME:Creality Ender-3
;Generated with Cura_SteamEngine 5.6.0
M140 S60
M105
M190 S60
M104 S215
M105
M109 S215
M82 ;absolute extrusion mode""".splitlines()
PRUSA = """; generated by PrusaSlicer 2.7.1+x64 on 2024-01-05 at 08:32:06 UTC
; external perimeters extrusion width = 0.45mm
M73 P0 R1
M73 Q0 S1
M201 X1000 Y1000 Z200 E5000 ; sets maximum accelerations, mm/sec^2
M203 X200 Y200 Z12 E120 ; sets maximum feedrates, mm / sec
M204 P1250 R1250 T1250 ; sets acceleration (P, T) and retract acceleration (R), mm/sec^2
M205 X8.00 Y8.00 Z0.40 E4.50 ; sets the jerk limits, mm/sec
M205 S0 T0 ; sets the minimum extruding and travel feed rate, mm/sec
M107
;TYPE:Custom
M862.3 P "MK3S" ; printer model check
M862.1 P0.4 ; nozzle diameter check
M862.5 P2
M115 U3.13.3 ; tell printer latest fw version
G17""".splitlines()


HARMLESS = {
    "what OrcaSlicer writes first": [*ORCA, *GOOD],
    "what Cura writes first": [*CURA, *GOOD],
    "what Cura writes last": [*GOOD[:-1], "M84 X Y E ;Disable all steppers but Z", "",
                              "M82 ;absolute extrusion mode", "M104 S0", ";End of Gcode"],
    "what PrusaSlicer writes first": [*PRUSA, *GOOD],
    "retraction by the firmware": [
        *GOOD[:16], "G10 ; retract", "G0 Z0.4 F600", "G0 X51 Y51 F6000", "G11", *GOOD[20:],
    ],
    "a mail address in a comment": with_line("; made by someone@example.org"),
    "the part's fan and another one that is off": with_line("M106 P1 S0"),
    "a message": with_line("M117 Layer 1 of 60, 10 %"),
    "a message in lower case": with_line("m117 heating..."),
    "a message without text": with_line("M117"),
    "a thumbnail": [
        "; thumbnail begin 16x16 76", "; " + "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQ" * 2 + "==",
        "; thumbnail end", *GOOD,
    ],
    "a long comment": ["; " + "start_gcode = G28 " * 200, *GOOD],
    "a comment in another language": with_line("; 60 °C – heißes Bett, 加热"),
    "a comment with code in it": with_line("G1 X60 ; then G1 X999 E99 M104 S300"),
    "a comment in brackets with a number": with_line("G1 X60 (layer 1)"),
    "a lift after homing, before G90": [*GOOD[:6], "G1 Z5 F600", *GOOD[6:]],
    "G90 said after a lift": [
        "G28", "G1 Z5 F600", *[line for line in GOOD if line != "G28"],
    ],
    "the limits of a slicer's profile": [
        "M201 X9000 Y9000 Z500 E10000", "M203 X500 Y500 Z12 E120", "M204 P1500 R1500 T1500",
        "M205 X10.00 Y10.00 Z0.20 E2.50", *GOOD,
    ],
    "a question for the temperature": with_line("M105"),
    "a purge line at the edge": purged(["G0 Z2", "G0 X50 Y50", "G0 Z0.2 F600"]),
    "a purge line left at once": purged(["G0 Z0.2 F600", "G0 X50 Y50 F6000"]),
    "a hop": [*GOOD[:18], "G1 E-0.8 F2100", "G0 Z0.8 F600", "G0 X60 Y60 F6000", "G0 Z0.4 F600",
              "G1 E0.8 F2100", *GOOD[18:]],
    "a wipe": [*GOOD[:16], "G1 X55 Y50 E-0.8 F2100", *GOOD[17:]],
    "numbers with many decimals": changed("G1 X70 Y70 E0.8", "G1 X70.000000 Y70.0000 E0.800000"),
    "both heaters off twice": [*GOOD, "M104 S0", "M140 S0"],
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_harms_nobody_is_accepted(name: str, end: str) -> None:
    assert judged(HARMLESS[name], end) == ()


KLIPPER = "voron-2-250"


@pytest.mark.parametrize(
    ("line", "ok"),
    [
        ("SET_VELOCITY_LIMIT ACCEL=1000 SQUARE_CORNER_VELOCITY=5", True),
        ("SET_VELOCITY_LIMIT VELOCITY=120 ACCEL_TO_DECEL=500", True),
        ("SET_VELOCITY_LIMIT ACCEL=99999", False),
        ("SET_VELOCITY_LIMIT ACCEL=", False),
        ("SET_VELOCITY_LIMIT SPEED=5", False),
        ("SET_KINEMATIC_POSITION X=0", False),
        ("M109 R215", False),
        ("M201 X1000", False),
        ("M204 S1000", True),
        ("PRINT_START", False),
        ("G1 X60 {x}", False),
    ],
)
def test_klipper_has_its_own_list(line: str, ok: bool) -> None:
    gcode = "\n".join([*with_line(line), ""]).encode()

    assert check(gcode, printer=KLIPPER, material="PLA").ok is ok


def test_klippers_way_to_switch_the_heaters_off_counts() -> None:
    lines = [line for line in GOOD if line not in ("M104 S0", "M140 S0")]
    gcode = "\n".join([*lines, "TURN_OFF_HEATERS", ""]).encode()

    assert check(gcode, printer=KLIPPER, material="PLA").ok
