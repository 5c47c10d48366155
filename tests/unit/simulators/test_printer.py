import math
from pathlib import Path

import pytest

from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import PrinterError
from simulators.printer import FaultKind, PrinterFault, VirtualPrinter

SIDES = 48
TURN = [2 * math.pi * number / SIDES for number in range(SIDES + 1)]
RING = [(20 + 10 * math.cos(angle), 20 + 10 * math.sin(angle)) for angle in TURN]
LENGTH_MM = 2 * 10 * math.sin(math.pi / SIDES) * SIDES
PUSH_MM = 0.42 * 0.2 * LENGTH_MM / (math.pi * 1.75**2 / 4)


def tube(layers: int = 5) -> bytes:
    lines = ["; filament_density = 1.01", "G90", "M83", "G28", "M190 S60", "M109 S215"]
    for number in range(1, layers + 1):
        lines += [f"G0 X30 Y20 Z{number * 0.2:.1f} F6000"]
        lines += [f"G1 X{x:.4f} Y{y:.4f} E{PUSH_MM / SIDES:.5f} F1200" for x, y in RING[1:]]
    lines += ["M104 S0", "M140 S0", "M84"]
    return "\n".join(lines).encode()


def printer(folder: Path, clock: ManualClock, kind: FaultKind | None = None) -> VirtualPrinter:
    fault = None if kind is None else PrinterFault(kind=kind, at_ratio=0.9)
    return VirtualPrinter(folder, clock, fault=fault)


def test_a_print_runs_to_its_end_in_the_given_time(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock)
    assert virtual.status().state == "idle"

    virtual.start("job", tube())
    clock.advance(7.9)
    almost = virtual.status()
    clock.advance(0.2)

    assert (almost.state, almost.layer, almost.nozzle_degc) == ("printing", 5, 215.0)
    assert virtual.status().state == "done"
    assert virtual.status().progress_ratio == 1.0


def test_a_second_start_of_the_same_job_is_never_a_second_print(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock)

    for _ in range(5):
        virtual.start("job", tube())
        clock.advance(3.0)

    assert virtual.prints("job") == 1
    assert virtual.status().state == "done"


def test_a_print_goes_on_while_our_program_is_dead(tmp_path: Path) -> None:
    clock = ManualClock()
    printer(tmp_path, clock).start("job", tube())

    clock.advance(60.0)
    reborn = printer(tmp_path, clock)

    assert reborn.status().state == "done"
    reborn.start("job", tube())
    assert reborn.status().state == "done"


def test_another_job_waits_for_its_turn(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock)
    virtual.start("one", tube())

    with pytest.raises(PrinterError, match="busy"):
        virtual.start("two", tube())

    clock.advance(9.0)
    virtual.start("two", tube())
    assert virtual.status().job_key == "two"


def test_a_finished_part_is_measured(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock)
    virtual.start("job", tube())
    assert virtual.measure("job") is None

    clock.advance(9.0)
    found = virtual.measure("job")

    assert found is not None
    assert found["mass_g"] == pytest.approx(5 * 0.42 * 0.2 * LENGTH_MM * 1.01 / 1000, abs=0.02)
    assert found["height_mm"] == pytest.approx(1.0, abs=0.1)
    assert found["outer_mm"] == pytest.approx(20.42, abs=0.1)
    assert found["bore_mm"] == pytest.approx(19.58, abs=0.1)
    assert virtual.measure("job") == found


def test_a_cancelled_print_fails_and_cools_down(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock)
    virtual.start("job", tube())
    clock.advance(7.0)

    virtual.cancel("job")
    virtual.cancel("another")
    clock.advance(60.0)

    assert (virtual.status().state, virtual.status().reason) == ("failed", "cancelled")
    assert virtual.status().nozzle_degc < 30.0


def test_a_jam_stops_the_print(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock, "jam")
    virtual.start("job", tube())
    clock.advance(9.0)

    assert (virtual.status().state, virtual.status().progress_ratio) == ("failed", 0.9)
    assert virtual.measure("job") is None


def test_a_printer_that_is_away_says_so_and_comes_back(tmp_path: Path) -> None:
    clock = ManualClock()
    fault = PrinterFault(kind="offline", at_ratio=0.5, for_s=2.0)
    virtual = VirtualPrinter(tmp_path, clock, fault=fault)
    virtual.start("job", tube())

    clock.advance(4.5)
    assert virtual.status().state == "offline"
    with pytest.raises(PrinterError):
        virtual.cancel("job")

    clock.advance(5.0)
    assert virtual.status().state == "done"
    assert virtual.prints("job") == 1


def test_a_lost_reply_does_not_make_a_second_print(tmp_path: Path) -> None:
    clock = ManualClock()
    virtual = printer(tmp_path, clock, "lost-reply")

    with pytest.raises(PrinterError, match="lost"):
        virtual.start("job", tube())
    virtual.start("job", tube())

    assert virtual.prints("job") == 1


@pytest.mark.parametrize(
    ("kind", "size"), [("under-extrusion", "mass_g"), ("layer-shift", "outer_mm")]
)
def test_a_bad_print_is_seen_by_its_measures(tmp_path: Path, kind: FaultKind, size: str) -> None:
    clock = ManualClock()
    found = []
    for fault in (None, kind):
        virtual = printer(tmp_path / str(fault), clock, fault)
        virtual.start("job", tube())
        clock.advance(9.0)
        measured = virtual.measure("job")
        assert measured is not None
        found.append(measured[size])

    assert abs(found[1] / found[0] - 1) > 0.05


@pytest.mark.parametrize("gcode", [b"", b"; nothing", b"\xff\xff", b"G1 Xnan", b"G28\nM84"])
def test_a_file_that_draws_nothing_is_refused(tmp_path: Path, gcode: bytes) -> None:
    with pytest.raises(PrinterError):
        printer(tmp_path, ManualClock()).start("job", gcode)


def test_a_broken_state_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "printer.json").write_text("{", encoding="utf-8")

    with pytest.raises(PrinterError, match=r"printer\.json"):
        printer(tmp_path, ManualClock()).status()
