"""A person who is needed is called once, and not at night."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.notify import AGAIN_S, SETTLED_S, Caller, channels_of
from fieldlab.app.store import Store
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import InputError
from fieldlab.core.settings import Notify

SENTENCE = {"en": "The pinion shows wear: do you approve?", "nl": "Akkoord?"}


class Desk:
    """A store with one case, a clock, and a channel that can be out of order."""

    def __init__(self, home: Path, options: Notify | None = None) -> None:
        self.clock, self.store = ManualClock(), Store(home)
        self.calls: list[str] = []
        self.broken = False
        self.caller = Caller(
            self.store,
            lambda _: {"sentence": SENTENCE},
            self.clock,
            options or Notify(page_url="http://hall.local:8000"),
            {"test": self._call},
        )

    def _call(self, subject: str, text: str) -> None:
        if self.broken:
            raise OSError("no route")
        self.calls.append(f"{subject}|{text}")

    def enter(self, state: str, **more: Any) -> None:
        at_s = {"open": 0.0, state: self.clock.now_s()}
        record = {"id": "c1", "machine_id": "m", "component": "pinion", "state": state,
                  "opened_s": 0.0, "at_s": at_s, **more}  # fmt: skip
        if self.store.case("c1") is None:
            with self.store.transaction() as connection:
                self.store.add_case(connection, record)
        else:
            self.store.change_case("c1", **record)

    def looks(self, seconds: float) -> list[str]:
        self.clock.advance(seconds)
        self.caller.look()
        return self.calls


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_what_waits_for_approval_is_told_once_with_a_link(desk: Desk) -> None:
    desk.enter("awaiting-approval")

    calls = [desk.looks(SETTLED_S) for _ in range(3)][-1]

    assert len(calls) == 1
    assert "do you approve? http://hall.local:8000/cases/c1" in calls[0]


def test_a_step_that_passes_by_itself_calls_nobody(desk: Desk) -> None:
    desk.enter("awaiting-approval")
    desk.looks(SETTLED_S / 2)
    desk.enter("printing")

    assert desk.looks(60) == []


def test_each_step_that_waits_is_a_call_of_its_own(desk: Desk) -> None:
    desk.enter("awaiting-approval")
    desk.looks(SETTLED_S)
    desk.enter("awaiting-fit")

    assert len(desk.looks(SETTLED_S)) == 2


def test_i_do_not_know_calls_a_person_and_a_buy_does_not(desk: Desk) -> None:
    desk.enter("diagnosed", action="buy")
    assert desk.looks(60) == []

    desk.enter("diagnosed", action="ask")
    assert len(desk.looks(60)) == 1


def test_a_call_that_nobody_took_is_tried_again_later(desk: Desk) -> None:
    desk.enter("awaiting-approval")
    desk.broken = True
    desk.looks(SETTLED_S)
    desk.broken = False

    assert desk.looks(1) == []
    assert len(desk.looks(AGAIN_S)) == 1


def test_after_a_restart_nobody_is_called_twice(desk: Desk, tmp_path: Path) -> None:
    desk.enter("awaiting-approval")
    desk.looks(SETTLED_S)
    again = Desk(tmp_path)
    again.clock = desk.clock

    assert again.looks(60) == []


@pytest.mark.parametrize(("quiet", "calls"), [((0, 12), 0), ((12, 0), 1), ((22, 12), 0)])
def test_in_quiet_hours_nobody_is_called_until_they_are_over(
    quiet: tuple[int, int], calls: int, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, Notify(quiet_from_h=quiet[0], quiet_until_h=quiet[1]))
    local = datetime.fromtimestamp(desk.clock.now_s(), UTC).astimezone()
    desk.clock.advance((8 - local.hour) % 24 * 3600.0)  # eight in the morning, of any zone
    desk.enter("awaiting-approval")

    assert len(desk.looks(SETTLED_S)) == calls
    assert len(desk.looks(6 * 3600)) == 1


class _Mailbox(socketserver.StreamRequestHandler):
    """Just enough of SMTP (RFC 5321) to take one letter."""

    def handle(self) -> None:
        letter: list[bytes] = []
        self.wfile.write(b"220 here\r\n")
        in_data = False
        for line in self.rfile:
            if in_data:
                letter.append(line)
                in_data = line != b".\r\n"
                if not in_data:
                    self.server.letters.append(b"".join(letter))  # type: ignore[attr-defined]
                    self.wfile.write(b"250 kept\r\n")
            elif line[:4].upper() == b"DATA":
                in_data = True
                self.wfile.write(b"354 go on\r\n")
            elif line[:4].upper() == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox() -> Iterator[Any]:
    with socketserver.TCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.letters = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_test_message_arrives_by_mail_and_a_dead_channel_says_why(
    mailbox: Any, tmp_path: Path
) -> None:
    options = Notify(
        smtp_host="127.0.0.1", smtp_port=mailbox.server_address[1], mail_to=("anna@hall.example",),
        ntfy_url="http://127.0.0.1:1/topic",
    )  # fmt: skip
    caller = Caller(
        Store(tmp_path), lambda _: None, ManualClock(), options, channels_of(options, tmp_path)
    )

    said = caller.test()

    assert said["mail"] == "ok"
    assert "ConnectError" in said["ntfy"]
    assert b"this is a test message" in mailbox.letters[0]


def test_a_password_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    options = Notify(smtp_host="mail", smtp_user="fieldlab")

    with pytest.raises(InputError, match=r"secrets/smtp: the mail password cannot be read"):
        channels_of(options, tmp_path)
