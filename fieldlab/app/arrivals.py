"""What arrives on the bus, also of machines that nobody knows yet: one gauge for each topic."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fieldlab.app.gauging import Gauge
from fieldlab.core.machine import SensorSpec
from fieldlab.core.messages import Reading
from fieldlab.core.topics import Topic

MAX_TOPICS = 400
Record = dict[str, Any]
SpecOf = Callable[[str, str], tuple[SensorSpec | None, bool]]  # of machine and sensor


@dataclass(slots=True)
class _Arrival:
    topic: Topic
    gauge: Gauge = field(default_factory=Gauge)
    failed_s: float = 0.0
    problem: str | None = None


class Arrivals:
    """The newest topics that somebody published readings on; written by one thread."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, _Arrival] = OrderedDict()

    def add(self, topic: Topic, reading: Reading, now_s: float) -> None:
        """Note a reading that could be read."""
        arrival = self._of(topic)
        arrival.gauge.add(reading, now_s)
        arrival.problem = None

    def fail(self, topic: Topic, problem: str, now_s: float) -> None:
        """Note a message that could not be taken, and why."""
        arrival = self._of(topic)
        arrival.problem, arrival.failed_s = problem, now_s

    def _of(self, topic: Topic) -> _Arrival:
        key = str(topic)
        arrival = self._found.get(key)
        if arrival is None:
            arrival = self._found[key] = _Arrival(topic)
        self._found.move_to_end(key)
        while len(self._found) > MAX_TOPICS:
            self._found.popitem(last=False)
        return arrival

    def gauges(self, machine_id: str) -> dict[str, Gauge]:
        """Return the gauge of each sensor of a machine; of two nodes, the one heard last."""
        return {
            one.topic.leaf: one.gauge for one in list(self._found.values())
            if one.topic.machine == machine_id and one.gauge.count
        }  # fmt: skip

    def records(self, spec_of: SpecOf, now_s: float) -> list[Record]:
        """Return what arrives, newest first, with why a message could not be taken.

        `known` says whether a machine file names the sensor.
        """
        found = []
        for one in reversed(list(self._found.values())):
            spec, own_time = spec_of(one.topic.machine, one.topic.leaf)
            told = {**one.gauge.record(spec, now_s, own_time=own_time), "known": spec is not None}
            if told["age_s"] is None or one.problem is not None:
                told["age_s"] = max(0.0, now_s - one.failed_s)
            place = {"machine": one.topic.machine, "node": one.topic.node,
                     "sensor": one.topic.leaf, "kind": one.topic.kind}  # fmt: skip
            found.append({**place, **told, "problem": one.problem})
        return found
