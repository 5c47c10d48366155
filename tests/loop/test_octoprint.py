"""From alarm to proof on a real OctoPrint, with all that can be lost on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldlab.app.store import Store
from fieldlab.app.thread import open_thread
from tests.peers.line import Line
from tests.peers.octoprint import KEY, OctoPrintServer
from tests.peers.operator import Case, Operator
from tests.peers.relay import Relay

SETTINGS = """
[printers.octo]
kind = "octoprint"
url = "{url}"
key_file = "octo-key"
starting_s = 5.0
"""


@pytest.fixture
def octoprint(tmp_path: Path) -> Iterator[OctoPrintServer]:
    server = OctoPrintServer(tmp_path / "octoprint")
    server.start()
    yield server
    server.kill()


def in_state(*states: str, attempt: int = 1) -> object:
    return lambda case: (
        case["state"] in states and bool(case["jobs"]) and case["jobs"][0]["attempt"] == attempt
    )


@pytest.mark.octoprint
def test_the_loop_closes_on_octoprint_whatever_is_lost(
    octoprint: OctoPrintServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "secrets").mkdir(parents=True)
    (home / "secrets" / "octo-key").write_text(KEY)
    with Relay(octoprint.port) as network:
        (home / "settings.toml").write_text(SETTINGS.format(url=network.url))
        with Line(home) as line:
            case = the_loop(Operator(line.port), octoprint, network, line)

    job = Store(home).jobs(case["id"])
    kept = Store(home).case(case["id"])
    assert kept is not None
    assert [(one["state"], one["attempt"]) for one in job] == [("accepted", 2)]
    assert octoprint.prints(f"{job[0]['id']}-1") == 1
    assert octoprint.prints(f"{job[0]['id']}-2") == 1
    assert open_thread(home, case["id"]).problems(head=kept["head"]) == []


def the_loop(person: Operator, octoprint: OctoPrintServer, network: Relay, line: Line) -> Case:
    """Lose the reply of the start, the hub, the network and OctoPrint; then print it well."""
    case = person.wait_for(None, in_state("awaiting-approval"), "a part waits for approval")
    case_id, sha256 = case["id"], case["gcode_sha256"]
    assert person.say(f"cases/{case_id}/approve", gcode_sha256="0" * 64) == 409
    network.lose_the_reply_of_the_next_start()
    assert person.say(f"cases/{case_id}/approve", gcode_sha256=sha256) == 200
    person.wait_for(case_id, lambda c: "bed is clear" in c["jobs"][0]["waits_for"], "it asks")
    material = case["order"]["material"]
    assert person.say("printers/octo/spool", material=material, left_g=900.0) == 200
    octoprint.slow_down(0.01)
    assert person.say("printers/octo/bed-clear") == 200
    person.wait_for(case_id, in_state("printing"), "the print is under way, the reply was lost")

    line.kill_hub()
    line.start_hub()
    network.cut()
    person.wait_for(case_id, lambda c: "octo" in c["jobs"][0]["waits_for"], "it says it is away")
    octoprint.kill()
    octoprint.start()
    network.mend()

    again = in_state("awaiting-approval", attempt=2)
    case = person.wait_for(case_id, again, "the print that was cut off waits for a person")
    assert "no print of it is under way" in case["jobs"][0]["reason"]
    assert person.say(f"cases/{case_id}/approve", gcode_sha256=sha256) == 200
    assert person.say("printers/octo/bed-clear") == 200
    case = person.wait_for(case_id, in_state("inspecting", attempt=2), "the part is printed")

    measured = {"mass_g": case["predicted"]["mass_g"], "sizes": case["expected_mm"]}
    assert person.say(f"cases/{case_id}/measured", **measured) == 200
    person.wait_for(case_id, in_state("awaiting-fit", attempt=2), "the part is accepted")
    assert person.say(f"cases/{case_id}/fitted") == 200
    return person.wait_for(case_id, in_state("proven", attempt=2), "the machine is healthy again")
