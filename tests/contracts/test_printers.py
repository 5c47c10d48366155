"""Every printer keeps the same promises: a job is printed once, whatever is lost on the way."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fieldlab.core.clock import ManualClock, SystemClock
from fieldlab.core.errors import PrinterError
from fieldlab.core.ports import Printer
from printing.printers.moonraker import Moonraker
from printing.printers.octoprint import OctoPrint
from printing.printers.once import OncePrinter
from printing.printers.prusalink import PrusaLink
from simulators.printer import PrinterFault, VirtualPrinter
from tests.peers.moonraker import MoonrakerServer
from tests.peers.octoprint import KEY, OctoPrintServer
from tests.peers.processes import free_port, wait_until
from tests.peers.prusalink import PASSWORD, USER, PrusaLinkServer
from tests.peers.relay import Relay

STARTING_S = 3.0
SIDES = 24
TURN = [2 * math.pi * side / SIDES for side in range(SIDES + 1)]


def tube(layers: int = 4) -> bytes:
    lines = ["G21", "G90", "M83", "G28", "M140 S60", "M104 S215", "M190 S60", "M109 S215"]
    for number in range(1, layers + 1):
        lines += [f"G0 X30 Y20 Z{number * 0.2:.1f} F6000"]
        lines += [f"G1 X{20 + 10 * math.cos(turn):.3f} Y{20 + 10 * math.sin(turn):.3f} E0.1 F1200"
                  for turn in TURN[1:]]  # fmt: skip
    return "\n".join([*lines, "M104 S0", "M140 S0", "M84", ""]).encode()


class World:
    """A printer, what can happen to it, and what it really did."""

    def __init__(
        self,
        printer: Callable[[], Printer],
        *,
        pass_s: Callable[[float], None],
        finish: Callable[[], None],
        prints: Callable[[str], int],
    ) -> None:
        self.printer = printer  # a new one each time, as after a restart of ours
        self.pass_s = pass_s
        self.finish = finish
        self.prints = prints
        self.cut: Callable[[], None] = lambda: None
        self.mend: Callable[[], None] = lambda: None
        self.lose_reply: Callable[[], None] = lambda: None
        self.crash: Callable[[], None] | None = None


def virtual_world(folder: Path, _: ExitStack) -> World:
    clock, faults = ManualClock(), list[PrinterFault]()

    def printer() -> VirtualPrinter:
        return VirtualPrinter(folder, clock, fault=faults[-1] if faults else None)

    world = World(
        printer,
        pass_s=clock.advance,
        finish=lambda: clock.advance(9.0),
        prints=lambda key: printer().prints(key),
    )
    world.cut = lambda: faults.append(PrinterFault(kind="offline", at_ratio=0.0))
    world.mend = faults.clear
    world.lose_reply = lambda: faults.append(PrinterFault(kind="lost-reply"))
    return world


def prusalink_world(_: Path, stack: ExitStack) -> World:
    server, clock = PrusaLinkServer(), ManualClock()
    stack.callback(server.close)
    relay = stack.enter_context(Relay(server.port))

    def printer() -> OncePrinter:
        remote = PrusaLink("mk4", relay.url, user=USER, password=PASSWORD, storage="usb")
        return OncePrinter(remote, clock, starting_s=STARTING_S)

    world = World(
        printer,
        pass_s=clock.advance,
        finish=server.finish,
        prints=lambda key: server.begun.count(f"{key}.gcode"),
    )
    world.cut, world.mend = relay.cut, relay.mend
    world.lose_reply = relay.lose_the_reply_of_the_next_start
    world.crash = server.lose_power
    return world


def octoprint_world(server: OctoPrintServer, stack: ExitStack) -> World:
    relay, clock = stack.enter_context(Relay(server.port)), SystemClock()

    def printer() -> OncePrinter:
        return OncePrinter(OctoPrint("octo", relay.url, KEY), clock, starting_s=STARTING_S)

    def finish() -> None:
        wait_until(lambda: printer().status().state != "printing", "the print is over", 30.0)

    def crash() -> None:
        server.kill()
        server.start()

    world = World(printer, pass_s=clock.wait, finish=finish, prints=server.prints)
    world.cut, world.mend = relay.cut, relay.mend
    world.lose_reply = relay.lose_the_reply_of_the_next_start
    world.crash = crash
    return world


@pytest.fixture(scope="module")
def octoprint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OctoPrintServer]:
    server = OctoPrintServer(tmp_path_factory.mktemp("octoprint"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(
    params=["virtual", "prusalink", pytest.param("octoprint", marks=pytest.mark.octoprint)]
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        if request.param == "octoprint":
            yield octoprint_world(request.getfixturevalue("octoprint"), stack)
        else:
            makers = {"virtual": virtual_world, "prusalink": prusalink_world}
            yield makers[request.param](tmp_path, stack)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A job of its own for each test: they share one OctoPrint."""
    return f"{request.node.originalname.replace('_', '-')[:40]}-1"


def test_a_job_that_was_never_started_is_not_there(world: World, key: str) -> None:
    assert world.printer().status(key).state == "idle"
    assert world.printer().measure(key) is None


def test_a_job_is_printed_once_however_often_it_is_started(world: World, key: str) -> None:
    printer = world.printer()

    for _ in range(3):
        printer.start(key, tube())
    world.finish()
    world.printer().start(key, tube())

    assert printer.status(key).state == "done"
    assert world.prints(key) == 1


def test_a_busy_printer_refuses_another_job_which_is_then_not_there(world: World, key: str) -> None:
    world.printer().start(key, tube(80))

    with pytest.raises(PrinterError, match="busy"):
        world.printer().start(f"{key}-other", tube())

    assert world.printer().status(f"{key}-other").state == "idle"
    assert world.printer().status(key).state == "printing"
    world.printer().cancel(key)


def test_a_lost_reply_is_no_second_print(world: World, key: str) -> None:
    world.lose_reply()

    with pytest.raises(PrinterError):
        world.printer().start(key, tube())
    world.mend()
    reborn = world.printer()
    reborn.start(key, tube())
    world.finish()

    assert reborn.status(key).state == "done"
    assert world.prints(key) == 1


def test_a_printer_out_of_reach_says_why_and_decides_nothing(world: World, key: str) -> None:
    world.cut()

    away = world.printer().status(key)
    with pytest.raises(PrinterError):
        world.printer().start(key, tube())
    world.mend()

    assert away.state == "offline"
    assert away.reason
    assert world.printer().status(key).state == "idle"


def test_a_print_goes_on_behind_a_network_that_is_down(world: World, key: str) -> None:
    world.printer().start(key, tube())

    world.cut()
    away = world.printer().status(key)
    world.mend()
    world.finish()

    assert away.state == "offline"
    assert world.printer().status(key).state == "done"
    assert world.prints(key) == 1


def test_a_cancelled_print_has_failed_and_is_not_begun_again(world: World, key: str) -> None:
    world.printer().start(key, tube(80))
    world.pass_s(0.5)

    world.printer().cancel(key)
    wait_until(lambda: world.printer().status(key).state == "failed", "it has failed", 20.0)
    world.printer().start(key, tube(80))

    assert world.printer().status(key).state == "failed"
    assert world.prints(key) == 1


def test_a_print_that_a_crash_cut_off_is_said_to_have_failed(world: World, key: str) -> None:
    if world.crash is None:
        pytest.skip("this printer's state outlives a crash")
    world.printer().start(key, tube(400))
    wait_until(lambda: world.prints(key) == 1, "it prints", 20.0)

    world.crash()
    printer = world.printer()  # our own life after that; it waits before it decides
    before = printer.status(key)
    world.pass_s(STARTING_S + 0.5)
    after = printer.status(key)
    printer.start(key, tube(400))

    assert before.state in ("printing", "failed")
    assert (after.state, bool(after.reason)) == ("failed", True)
    assert world.prints(key) == 1


# ----------------------------------------------------------------- Moonraker, without a printer


@pytest.fixture(scope="module")
def moonraker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoonrakerServer]:
    server = MoonrakerServer(tmp_path_factory.mktemp("moonraker"))
    server.start()
    yield server
    server.kill()


@pytest.mark.moonraker
def test_moonraker_without_klipper_is_offline_and_says_so(moonraker: MoonrakerServer) -> None:
    printer = OncePrinter(Moonraker("voron", moonraker.url, ""), SystemClock())

    status = printer.status("job-1")
    with pytest.raises(PrinterError, match="Klipper"):
        printer.start("job-1", tube())

    assert status.state == "offline"
    assert "Klipper is disconnected" in status.reason


@pytest.mark.moonraker
def test_a_file_that_moonraker_does_not_start_is_taken_back(moonraker: MoonrakerServer) -> None:
    remote = Moonraker("voron", moonraker.url, "")

    with pytest.raises(PrinterError, match="did not start it"):
        remote.send("job-2", tube())

    assert moonraker.files() == []
    assert remote.recall("job-2") is None


@pytest.mark.moonraker
def test_moonraker_refuses_a_stop_without_harm(moonraker: MoonrakerServer) -> None:
    Moonraker("voron", moonraker.url, "").stop("job-3")


# ------------------------------------------------------------------------------ the diagnosis


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://127.0.0.1:{free_port()}", "nothing listens"),
        ("ftp://127.0.0.1", "http:// or https://"),
        ("octopi.local", "http:// or https://"),
        ("http://octopi:port", "no address"),
    ],
    ids=["nobody", "another-protocol", "no-protocol", "no-port"],
)
def test_a_wrong_address_is_explained(url: str, why: str) -> None:
    for remote in (
        OctoPrint("one", url, "key"),
        Moonraker("one", url, "key"),
        PrusaLink("one", url, user="maker", password="x", storage="usb"),
    ):
        status = OncePrinter(remote, ManualClock()).status()

        assert status.state == "offline"
        assert why in status.reason


def test_a_wrong_password_is_explained() -> None:
    server = PrusaLinkServer()
    try:
        url = f"http://127.0.0.1:{server.port}"
        remote = PrusaLink("mk4", url, user=USER, password="wrong", storage="usb")

        status = OncePrinter(remote, ManualClock()).status("job")
    finally:
        server.close()

    assert "refuses our key (401)" in status.reason


@pytest.mark.octoprint
def test_a_wrong_key_is_explained(octoprint: OctoPrintServer) -> None:
    status = OncePrinter(OctoPrint("octo", octoprint.url, "wrong"), ManualClock()).status("job")

    assert "refuses our key (403)" in status.reason
