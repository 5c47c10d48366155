"""The hub: takes messages in, judges, runs cases, answers the page."""

import asyncio
import concurrent.futures
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.mqtt import MqttBus
from fieldlab.app import durable
from fieldlab.app.autopilot import Autopilot
from fieldlab.app.casebook import Place
from fieldlab.app.duel import Duel
from fieldlab.app.ingest import Ingest, Outcome
from fieldlab.app.notify import Caller, Channel
from fieldlab.app.opening import ENDED
from fieldlab.app.people import PeopleStore
from fieldlab.app.plain import plain
from fieldlab.app.prices import Prices
from fieldlab.app.printroom import PrintRoom
from fieldlab.app.seal import Seal
from fieldlab.app.steps import RealSteps
from fieldlab.app.store import Store
from fieldlab.app.thread import case_folder
from fieldlab.app.trial import Points
from fieldlab.app.view import HubView
from fieldlab.app.work import Workshop
from fieldlab.core import codec, topics
from fieldlab.core.clock import Clock
from fieldlab.core.errors import PayloadError, RefusedError
from fieldlab.core.messages import Command, Forecast, Reply
from fieldlab.core.ports import Printer
from fieldlab.core.settings import Notify, PrinterOptions, Trial
from fieldlab.core.topics import Topic

COMMIT_S = 0.5
INBOX = 4000  # messages; what does not fit is sent again by its node
COMMAND_PATIENCE_S = 20.0
LIVE_S = 0.2


@dataclass(frozen=True, kw_only=True)
class HubParts:
    """What a hub is made of; wire_hub.py chooses."""

    home: Path
    store: Store
    people: PeopleStore
    bus: MqttBus
    printers: Mapping[str, Printer]
    printer_options: Mapping[str, PrinterOptions]
    trial: Trial
    clock: Clock
    notify: Notify
    channels: Mapping[str, Channel]
    ring_mb: float
    approve_after_s: float | None  # None: a person approves
    prices: Prices
    site: str
    address: Mapping[str, Any]  # of the broker, for devices
    serve: Any = None  # an async function (view, stop) that serves the page, or None


class Hub:
    """Joins ingest, cases and page."""

    def __init__(self, parts: HubParts) -> None:
        self._parts = parts
        self._clock = parts.clock
        self._store = parts.store
        self.people = parts.people
        self._bus = parts.bus
        self._inbox: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(INBOX)
        self._replies: dict[str, concurrent.futures.Future[Reply]] = {}
        self._workshop = Workshop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_new_connection = False
        self.ingest = Ingest(
            home=parts.home, store=parts.store, clock=parts.clock, ring_mb=parts.ring_mb
        )
        self.room = PrintRoom(
            parts.store, parts.printers, parts.printer_options, parts.clock, self._sickness
        )
        self.changes: asyncio.Queue[str] = asyncio.Queue(1000)
        self.duel = Duel(parts.store, self.ingest, parts.clock, self.command)
        self.caller = Caller(
            parts.store, self._seen, parts.clock, parts.notify,
            parts.channels,
        )  # fmt: skip
        self.view = HubView(
            home=parts.home,
            store=parts.store,
            ingest=self.ingest,
            room=self.room,
            tell=durable.tell,
            workshop=self._workshop,
            referee=self.duel,
            caller=self.caller,
            prices=parts.prices,
            site=parts.site,
            address=dict(parts.address),
            hear=self._hear,
        )

    # --------------------------------------------------------------------------- running

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`; what was taken in is committed before this returns."""
        self._loop = asyncio.get_running_loop()
        points = Points(self._parts.home, self._parts.trial)
        place = Place(
            home=self._parts.home,
            store=self._store,
            workshop=self._workshop,
            room=self.room,
            world=self,
            clock=self._clock,
            points=points,
            prices=self._parts.prices,
            seal=Seal(self._parts.home),
            page_url=self._parts.notify.page_url,
        )
        self._workshop.warm_up()
        await asyncio.to_thread(durable.launch, self._parts.home, RealSteps(place), points)
        for case in self._store.cases():
            if case["state"] not in ENDED:
                await asyncio.to_thread(durable.begin, case["id"])
        self._bus.on_connect = self._on_connect
        await self._bus.connect()
        for kind in ("meta", "status", "wave", "value", "reply"):
            await self._bus.subscribe(topics.pattern(kind), self._on_message)
        tasks = self._tasks(stop)
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait([*tasks, stopping], return_when="FIRST_COMPLETED")
            for task in done:
                task.result()
        finally:
            stop.set()
            await asyncio.wait(tasks, timeout=5)
            stopping.cancel()
            await self._bus.close()
            await asyncio.to_thread(durable.stop)
            self.view.backtests.close()
            self._workshop.close()
            self._store.close()

    def _tasks(self, stop: asyncio.Event) -> list[asyncio.Task[None]]:
        """Start all that goes on beside each other."""
        tasks = [asyncio.create_task(self._judge(stop), name="judge")]
        if self._parts.approve_after_s is not None:
            pilot = Autopilot(self._store, self.view, self._clock, self._parts.approve_after_s)
            tasks.append(asyncio.create_task(pilot.run(stop), name="autopilot"))
        tasks.append(asyncio.create_task(self.caller.run(stop), name="caller"))
        if self._parts.serve is not None:
            tasks.append(asyncio.create_task(self._parts.serve(self, stop), name="page"))
        return tasks

    def _seen(self, case_id: str) -> dict[str, Any] | None:
        """Return a case as the page sees it."""
        return self.view.case(case_id)

    def _on_message(self, topic: str, payload: bytes) -> None:
        if "/reply/" in topic:
            self._on_reply(payload)
        elif not self._inbox.full():
            self._inbox.put_nowait((topic, payload))

    def _hear(self, topic: str, payload: bytes) -> None:
        """Take a message that the page wrote; from any thread."""
        self._in_loop(self._on_message, topic, payload)

    def _on_connect(self) -> None:
        self._is_new_connection = True

    async def _judge(self, stop: asyncio.Event) -> None:
        committed_s = self._clock.monotonic_s()
        while not stop.is_set():
            batch = await self._next_batch()
            if self._is_new_connection:  # before what came over it
                self._is_new_connection = False
                await self._tell(await asyncio.to_thread(self.ingest.reconnected))
            await asyncio.to_thread(self._take, batch)
            due = self._clock.monotonic_s() - committed_s >= COMMIT_S
            if self.ingest.is_urgent or due:
                outcome = await asyncio.to_thread(self.ingest.commit)
                committed_s = self._clock.monotonic_s()
                await self._tell(outcome)
        await self._tell(await asyncio.to_thread(self.ingest.commit))

    async def _next_batch(self) -> list[tuple[str, bytes]]:
        batch: list[tuple[str, bytes]] = []
        try:
            batch.append(await asyncio.wait_for(self._inbox.get(), timeout=COMMIT_S))
        except TimeoutError:
            return batch
        while not self._inbox.empty() and len(batch) < 50:
            batch.append(self._inbox.get_nowait())
        return batch

    def _take(self, batch: list[tuple[str, bytes]]) -> None:
        for topic, payload in batch:
            self.ingest.take(topic, payload)
        self.ingest.give_up_on_gaps()

    async def _tell(self, outcome: Outcome) -> None:
        for topic, acks in outcome.acks.items():
            for ack in acks:
                self._bus.publish(topic, codec.encode_ack(ack))
        for case_id in outcome.opened:
            await asyncio.to_thread(durable.begin, case_id)
            self.changed(case_id)
        for machine_id, (site, health) in outcome.healths.items():
            place = Topic(site=site, machine=machine_id, kind="health")
            self._bus.publish(str(place), codec.write_json(plain(health)), retain=True)

    # ------------------------------------------------------ what the steps of a case ask for

    def command(self, machine_id: str, name: str, arguments: Mapping[str, Any], key: str) -> Reply:
        """Ask a node to do something and wait for its answer; called from a case's thread."""
        patient = self.ingest.patients[machine_id]
        topic = Topic(site=patient.site, machine=machine_id, kind="cmd", leaf=name)
        expires_s = self._clock.now_s() + COMMAND_PATIENCE_S
        command = Command(id=key, expires_s=expires_s, arguments=arguments)
        answer: concurrent.futures.Future[Reply] = concurrent.futures.Future()
        self._replies[key] = answer
        self._in_loop(self._bus.publish, str(topic), codec.encode_command(command))
        try:
            return answer.result(timeout=COMMAND_PATIENCE_S)
        except TimeoutError:
            reason = f"no answer from '{machine_id}' within {COMMAND_PATIENCE_S:g} s"
            return Reply(id=key, ok=False, t_s=self._clock.now_s(), reason=reason)
        finally:
            self._replies.pop(key, None)

    def _on_reply(self, payload: bytes) -> None:
        try:
            reply = codec.decode_reply(payload)
        except PayloadError:
            return
        waiting = self._replies.get(reply.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    def evidence(self, machine_id: str, t_s: float) -> dict[str, bytes]:
        """Return the raw windows that were kept when the case was opened."""
        for case in self._store.cases():
            if case["machine_id"] == machine_id and case["opened_s"] == t_s:
                folder = case_folder(self._parts.home, case["id"])
                files = sorted(folder.glob("evidence-*"))
                return {path.name: path.read_bytes() for path in files}
        return {}

    def forecast(self, machine_id: str, component: str) -> Forecast | None:
        """Return how long a component will last, None while nobody can say."""
        patient = self.ingest.patients.get(machine_id)
        found = None if patient is None or patient.latest is None else patient.latest.forecast
        return found if found is not None and found.component == component else None

    def _sickness(self, machine_id: str) -> tuple[bool, float | None]:
        """Return whether a printer that is a machine is in alarm, and how long it lasts."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None or patient.latest is None:
            return False, None
        judged = patient.latest
        lasts_s = None if judged.forecast is None else judged.forecast.low_s
        return judged.health.state == "alarm", lasts_s

    def changed(self, case_id: str) -> None:
        """Tell who watches that a case changed; from any thread."""
        self._in_loop(self._publish_case, case_id)

    def opened(self, case_id: str) -> None:
        """Begin the story of a case that was just written to the store."""
        durable.begin(case_id)
        self.changed(case_id)

    def _publish_case(self, case_id: str) -> None:
        case = self._store.case(case_id)
        if case is None:
            return
        if not self.changes.full():
            self.changes.put_nowait(case_id)
        patient = self.ingest.patients.get(case["machine_id"])
        if patient is not None:
            topic = Topic(site=patient.site, machine=case["machine_id"], kind="case", leaf=case_id)
            keys = ("id", "component", "failure_mode", "state", "confidence", "opened_s")
            payload = codec.write_json({key: case[key] for key in keys})
            self._bus.publish(str(topic), payload, retain=True)

    def _in_loop(self, call: Any, *args: Any) -> None:
        if self._loop is None or self._loop.is_closed():
            raise RefusedError("the hub is stopping")
        self._loop.call_soon_threadsafe(call, *args)
