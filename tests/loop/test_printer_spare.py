"""A printer that wears prints its own spare while it still can."""

from importlib import resources
from pathlib import Path

import pytest

from analytics.framing import Framer
from analytics.monitor import Monitor
from fieldlab.core.machine import Machine, parse_machine
from fieldlab.core.messages import Diagnosis
from fieldlab.core.settings import VIRTUAL
from simulators.machine import SimulatedMachine
from tests.peers.workplace import Workplace

INTERVAL_S, LIFE_S, DAY_S = 30.0, 5400.0, 86_400.0


@pytest.fixture(scope="module")
def printer() -> Machine:
    text = (resources.files("machines") / "printer.yaml").read_text()
    return parse_machine(text, file="printer.yaml")


@pytest.fixture(scope="module")
def diagnosis(printer: Machine) -> Diagnosis:
    """Let the pulley of the printer's x axis wear until its own accelerometer tells."""
    framer, monitor, simulated = (
        Framer(printer),
        Monitor(printer),
        SimulatedMachine(printer, seed=1),
    )
    learning = round(printer.learn_s / INTERVAL_S)
    for number in range(learning + round(1.2 * LIFE_S / INTERVAL_S)):
        if number == learning + 10:
            simulated.start_wear("x-pulley", "wear", life_s=LIFE_S)
        for reading in simulated.read(INTERVAL_S):
            for window in framer.add(reading):
                if opened := monitor.observe(window).opened:
                    return opened[0]
    raise AssertionError("the worn pulley was not heard")


def workplace(home: Path, printer: Machine, diagnosis: Diagnosis, lasts_s: float) -> Workplace:
    plain = printer.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    options = {"virtual": VIRTUAL.model_copy(update={"machine": printer.id})}
    return Workplace(
        home, options=options, machine={"fieldlab": 1, **plain}, diagnosis=diagnosis,
        sickness=lambda machine_id: (machine_id == printer.id, lasts_s),
    )  # fmt: skip


def test_the_worn_pulley_of_a_printer_is_printed_on_that_printer(
    tmp_path: Path, printer: Machine, diagnosis: Diagnosis
) -> None:
    place = workplace(tmp_path, printer, diagnosis, lasts_s=DAY_S)
    place.approve()

    assert place.run() == "proven"

    assert place.case["component"] == "x-pulley"
    assert place.case["order"]["family"] == "gt2_pulley"
    assert (place.job["state"], place.job["printer"]) == ("accepted", "virtual")


def test_a_print_that_the_printer_would_not_survive_is_not_begun(
    tmp_path: Path, printer: Machine, diagnosis: Diagnosis
) -> None:
    place = workplace(tmp_path, printer, diagnosis, lasts_s=60.0)

    def give_up() -> None:
        if place.pauses == 5:
            place.room.ask_to_cancel(place.job["id"], by="jan", reason=place.job["waits_for"])

    place.while_waiting = give_up
    place.approve()

    assert place.run() == "dismissed"
    assert "will not last" in place.job["reason"]
    assert place.virtual.prints(f"{place.job['id']}-1") == 0
