"""`fieldlab record -o NAME`: write what passes on the bus to a recording."""

import argparse
import asyncio
from pathlib import Path

from broker.mqtt import MqttBus
from edge.recorder import Recorder
from fieldlab.app.cli.options import add_broker
from fieldlab.app.signals import stop_on_signals
from fieldlab.core import codec, topics
from fieldlab.core.clock import SystemClock
from fieldlab.core.errors import FieldlabError, InputError
from fieldlab.core.machine import load_machine
from fieldlab.core.messages import Reading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_broker(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NAME")
    parser.add_argument("--machine", help="which machine, if there are several on the bus")


def run(args: argparse.Namespace) -> int:
    """Record until stopped."""
    if args.output.exists():
        raise InputError(f"{args.output}: exists already; give another name with -o")
    recorder = asyncio.run(_record(args))
    if recorder is None:
        raise InputError("no machine was heard; nothing is recorded")
    print(f"{args.output}: recorded")
    return 0


class _Listener:
    """Hears the bus and hands what belongs to one machine to its recorder."""

    def __init__(self, folder: Path, machine_id: str | None) -> None:
        self.recorder: Recorder | None = None
        self._folder = folder
        self._machine_id = machine_id
        self._recorded = ""
        self._clock = SystemClock()

    def hear(self, text: str, payload: bytes) -> None:
        """Take one message; what cannot be read is told and left out."""
        try:
            topic = topics.parse(text)
            if self._machine_id not in (None, topic.machine):
                return
            if topic.kind == "meta":
                self._meet(payload)
            elif self.recorder is not None and topic.machine == self._recorded:
                self.recorder.add(self._reading(topic, payload))
        except FieldlabError as error:
            print(error, flush=True)

    def _meet(self, payload: bytes) -> None:
        if self.recorder is None:
            plain = codec.decode_meta(payload).machine
            self._recorded = load_machine(plain).id
            self.recorder = Recorder(self._folder, plain)

    def _reading(self, topic: topics.Topic, payload: bytes) -> Reading:
        if topic.kind == "wave":
            return codec.decode_wave(payload, topic.leaf)[0]
        return codec.decode_value(payload, topic.leaf, now_s=self._clock.now_s())[0]


async def _record(args: argparse.Namespace) -> Recorder | None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    listener = _Listener(args.output, args.machine)
    bus = MqttBus(*args.broker, client_id="fieldlab-record", clean=True)
    await bus.connect()
    for kind in ("meta", "wave", "value"):
        await bus.subscribe(topics.pattern(kind), listener.hear)
    await stop.wait()
    await bus.close()
    if listener.recorder is not None:
        listener.recorder.close()
    return listener.recorder
