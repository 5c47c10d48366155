"""Calls a person who is needed: by e-mail, ntfy or a webhook, but not at night."""

import asyncio
import json
import smtplib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from fieldlab.app.store import Record, Store
from fieldlab.core.clock import Clock
from fieldlab.core.errors import InputError
from fieldlab.core.messages import Reason
from fieldlab.core.phrases.say import say
from fieldlab.core.settings import Notify

LOOK_S = 2.0
PATIENCE_S = 10.0
SETTLED_S = 5.0  # a step that passes by itself needs nobody
AGAIN_S = 60.0  # after a call that nobody could take
WAITING = frozenset({"awaiting-approval", "awaiting-fit", "inspecting"})
_TOLD = "notified"
Describe = Callable[[str], Record | None]
Channel = Callable[[str, str], None]  # subject, text; raises OSError, HTTPError, SMTPException
TROUBLE = (OSError, httpx.HTTPError, smtplib.SMTPException)


class Caller:
    """Looks at the cases and calls a person once for each step that waits for one.

    Parameters
    ----------
    describe : callable
        Returns a case as the page sees it, with its sentence, by id.
    channels : mapping
        What to call with, by name; see `channels_of`.
    """

    def __init__(
        self,
        store: Store,
        describe: Describe,
        clock: Clock,
        options: Notify,
        channels: Mapping[str, Channel],
    ) -> None:
        self._store, self._describe, self._clock = store, describe, clock
        self._options, self._channels = options, channels
        self._not_before_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Look around until `stop`."""
        while not stop.is_set():
            await asyncio.to_thread(self.look)
            await self._clock.sleep(LOOK_S)

    def look(self) -> None:
        """Call for what waits and was not told yet; in quiet hours, later."""
        too_soon = self._clock.monotonic_s() < self._not_before_s
        if not self._channels or too_soon or is_quiet(self._options, self._clock.now_s()):
            return
        told: dict[str, str] = json.loads(self._store.kept(_TOLD) or b"{}")
        waiting = {case["id"]: case["state"] for case in self._store.cases() if self._waits(case)}
        fresh = {name: state for name, state in waiting.items() if told.get(name) != state}
        if not fresh:
            return
        lines = [self._line(case_id) for case_id in fresh]
        subject = say(Reason(key="notify-subject"), self._options.language)
        if "ok" not in self._call(subject, "\n".join(lines), self._channels).values():
            self._not_before_s = self._clock.monotonic_s() + AGAIN_S
            return
        with self._store.transaction() as connection:
            self._store.keep(connection, _TOLD, json.dumps(waiting).encode())

    def overview(self) -> Record:
        """Return the channels with where they lead, and the quiet hours."""
        options = self._options
        leads = {
            "ntfy": urlsplit(options.ntfy_url).netloc.rpartition("@")[2],
            "webhook": urlsplit(options.webhook_url).netloc.rpartition("@")[2],
            "mail": ", ".join(options.mail_to),
        }
        return {
            "channels": [{"name": name, "to": leads.get(name, "")} for name in self._channels],
            "language": options.language, "page_url": options.page_url,
            "quiet_from_h": options.quiet_from_h, "quiet_until_h": options.quiet_until_h,
            "is_quiet": is_quiet(options, self._clock.now_s()),
        }  # fmt: skip

    def test(self, channel: str | None = None) -> dict[str, str]:
        """Call with a test message; return what each channel said, 'ok' when it went well.

        Raises
        ------
        InputError
            If no channel is set, or not this one.
        """
        if not self._channels:
            raise InputError("no channel is set; give [notify] ntfy_url, webhook_url or smtp_host")
        if channel is not None and channel not in self._channels:
            raise InputError(f"no channel '{channel}'; there is: {', '.join(self._channels)}")
        asked = self._channels if channel is None else {channel: self._channels[channel]}
        subject = say(Reason(key="notify-test"), self._options.language)
        return self._call(subject, subject, asked)

    def _waits(self, case: Mapping[str, Any]) -> bool:
        """Whether a case waits for a person for some seconds already."""
        state = case["state"]
        asks = state == "diagnosed" and case.get("action") not in ("print", "buy", "adjust")
        waited_s = self._clock.now_s() - case["at_s"].get(state, 0.0)
        return (state in WAITING or asks) and waited_s >= SETTLED_S

    def _line(self, case_id: str) -> str:
        case = self._describe(case_id)
        sentence = "" if case is None else case["sentence"][self._options.language]
        link = f" {self._options.page_url.rstrip('/')}/cases/{case_id}"
        return sentence + (link if self._options.page_url else "")

    def _call(self, subject: str, text: str, channels: Mapping[str, Channel]) -> dict[str, str]:
        said = {}
        for name, channel in channels.items():
            try:
                channel(subject, text)
                said[name] = "ok"
            except TROUBLE as error:
                said[name] = f"{type(error).__name__}: {error}"[:200]
        return said


def is_quiet(options: Notify, now_s: float) -> bool:
    """Return whether nobody is to be called now; the hours are those of this computer.

    >>> is_quiet(Notify(), 0.0)
    False
    """
    start, end = options.quiet_from_h, options.quiet_until_h
    if start is None or end is None:
        return False
    hour = datetime.fromtimestamp(now_s, UTC).astimezone().hour
    return start <= hour < end if start <= end else hour >= start or hour < end


def channels_of(options: Notify, home: Path) -> dict[str, Channel]:
    """Return what to call with; raises InputError when the mail's password cannot be read."""
    channels: dict[str, Channel] = {}
    if options.ntfy_url:
        channels["ntfy"] = _ntfy(options.ntfy_url)
    if options.webhook_url:
        channels["webhook"] = _webhook(options.webhook_url)
    if options.smtp_host:
        channels["mail"] = _mail(options, _password(options, home))
    return channels


def _ntfy(url: str) -> Channel:
    def call(subject: str, text: str) -> None:
        answer = httpx.post(url, content=f"{subject}\n{text}".encode(), timeout=PATIENCE_S)
        answer.raise_for_status()

    return call


def _webhook(url: str) -> Channel:
    def call(subject: str, text: str) -> None:
        httpx.post(
            url, json={"subject": subject, "text": text}, timeout=PATIENCE_S
        ).raise_for_status()

    return call


def _mail(options: Notify, password: str) -> Channel:
    def call(subject: str, text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"] = options.mail_from, ", ".join(options.mail_to)
        message["Subject"] = subject
        message.set_content(text)
        with smtplib.SMTP(options.smtp_host, options.smtp_port, timeout=PATIENCE_S) as server:
            if password:
                server.starttls()
                server.login(options.smtp_user, password)
            server.send_message(message)

    return call


def _password(options: Notify, home: Path) -> str:
    if not options.smtp_user:
        return ""
    file = home / "secrets" / "smtp"
    try:
        return file.read_text().strip()
    except OSError as error:
        raise InputError(f"{file}: the mail password cannot be read ({error.strerror})") from error
