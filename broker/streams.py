"""The hub's side of the edge's outbox: every item once, in order, and a gap is named.

Order is by (boot, seq), never by clock. Pure: the owner keeps the time and sends the acks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fieldlab.core.messages import Ack, Stamp

T = TypeVar("T")

HOLD = 64  # later items of one sensor that are held while an earlier one is awaited
PATIENT_HOLD = 4_096  # the same while everything is expected once more, see `expect_again`
FIRST_BOOT = 1
# What a hub tells a node when it has (re)connected: send again all that is not acknowledged.
SEND_AGAIN = Ack(boot=0, stream={})


@dataclass(slots=True)
class _Place(Generic[T]):
    """Where one sensor's stream stands."""

    boot: int
    seq: int  # of the last item handed out; -1 before the first
    committed: tuple[int, int] | None = None  # (boot, seq)
    held: dict[int, T] = field(default_factory=dict)
    past: dict[int, int] = field(default_factory=dict)  # of earlier boots: up to where, no gap
    newer: dict[tuple[int, int], T] = field(default_factory=dict)  # of later boots, by (boot, seq)

    @property
    def newest(self) -> int:
        return max((boot for boot, _ in self.newer), default=self.boot)

    @property
    def waiting(self) -> int:
        return len(self.held) + len(self.newer)


class Streams(Generic[T]):
    """What has come in of every node's sensors.

    Parameters
    ----------
    state : mapping
        What `state()` returned before a restart; None to start anew.
    hold : int
        How many later items of a sensor are held before a gap is given up.
    """

    def __init__(self, state: Mapping[str, Any] | None = None, *, hold: int = HOLD) -> None:
        self.received = self.duplicates = self.missing = self.late = 0
        self._hold = hold
        self._places: dict[str, dict[str, _Place[T]]] = {}
        self._touched: set[str] = set()
        self._patient = state is not None  # a hub that restarts is sent everything once more
        self._resume(state or {})

    def accept(self, node: str, sensor: str, stamp: Stamp, item: T) -> list[T]:
        """Return the items that are now in order, oldest first; often this one, maybe none."""
        self.received += 1
        self._touched.add(node)
        sensors = self._places.setdefault(node, {})
        place = sensors.get(sensor)
        if place is None:
            boot = min(stamp.boot, FIRST_BOOT) if self._patient else stamp.boot
            place = sensors[sensor] = _Place(boot=boot, seq=-1)
        if stamp.boot < place.boot:
            is_known = stamp.seq <= place.past.get(stamp.boot, -1)
            self.duplicates += is_known
            self.late += not is_known
            return []
        if stamp.boot > place.boot and self._patient and self._hold_newer(place, stamp, item):
            return []
        ready = self._move_on(place, stamp.boot) if stamp.boot > place.boot else []
        return ready + self._take(place, stamp.seq, item)

    def expect_again(self) -> None:
        """Hold on to gaps until `flush_gaps`: call this at each (re)connect, with SEND_AGAIN.

        A subscription may begin in the middle of a burst; what went before it was lost on a broker
        that was killed, and comes again after far more than 64 later items. It may be of an older
        boot; so a newer one waits until it, too, has come again: a node sends oldest first.
        """
        self._patient = True
        for sensors in self._places.values():
            for place in sensors.values():
                place.newer.clear()  # they come again, and only then has all before them come

    def flush_gaps(self) -> list[T]:
        """Return all that is held, oldest first by sensor; what was awaited counts as missing."""
        self._patient = False
        return [
            item
            for sensors in self._places.values()
            for place in sensors.values()
            for item in self._move_on(place, place.newest) + self._release(place)
        ]

    @property
    def expects_again(self) -> bool:
        """Whether everything is expected once more."""
        return self._patient

    @property
    def held(self) -> int:
        """How many items wait for an earlier one."""
        return sum(place.waiting for sensors in self._places.values() for place in sensors.values())

    def knows(self, node: str) -> bool:
        """Whether this node has ever sent anything."""
        return node in self._places

    def waits(self, node: str) -> bool:
        """Whether something of this node was lost and is awaited."""
        return any(place.waiting for place in self._places.get(node, {}).values())

    def commit(self, node: str | None = None) -> None:
        """Mark all that was handed out (of one node, or of all) as safely stored."""
        for name in [node] if node is not None else self._places:
            for place in self._places.get(name, {}).values():
                if place.seq >= 0:
                    place.committed = (place.boot, place.seq)

    def acks(self, node: str) -> tuple[Ack, ...]:
        """Return what is committed of a node, one ack for each boot, oldest boot first.

        There is more than one while a sensor has said nothing since the node's last start.
        """
        self._touched.discard(node)
        by_boot: dict[int, dict[str, int]] = {}
        for sensor, place in self._places.get(node, {}).items():
            if place.committed is not None:
                boot, seq = place.committed
                by_boot.setdefault(boot, {})[sensor] = seq
        return tuple(Ack(boot=boot, stream=by_boot[boot]) for boot in sorted(by_boot))

    def committed(self, node: str) -> Ack:
        """Return what is committed of a node's newest boot; see `acks` for the older ones."""
        return (self.acks(node) or (Ack(boot=0, stream={}),))[-1]

    def touched(self) -> tuple[str, ...]:
        """Return the nodes that sent anything, duplicates included, since their last ack."""
        return tuple(sorted(self._touched))

    def state(self) -> dict[str, Any]:
        """Return where each stream stands, for `Streams(state)`: store it with the items.

        Items that are held are not in it: they are not acknowledged and will be sent again.
        """
        places = {
            node: {sensor: [place.boot, place.seq] for sensor, place in sensors.items()}
            for node, sensors in self._places.items()
        }
        return {
            "places": places,
            "received": self.received,
            "duplicates": self.duplicates,
            "missing": self.missing,
            "late": self.late,
        }

    def _hold_newer(self, place: _Place[T], stamp: Stamp, item: T) -> bool:
        """Hold an item of a later boot; not when it comes for the second time."""
        key = (stamp.boot, stamp.seq)
        if key in place.newer or len(place.newer) >= PATIENT_HOLD:
            return False
        place.newer[key] = item
        return True

    def _move_on(self, place: _Place[T], boot: int) -> list[T]:
        """Go on to a boot, past all that is held of earlier ones, and to what is held of it."""
        ready: list[T] = []
        for key in sorted(key for key in place.newer if key[0] <= boot):
            ready += self._begin(place, key[0]) + self._take(place, key[1], place.newer.pop(key))
        return ready + self._begin(place, boot)

    def _begin(self, place: _Place[T], boot: int) -> list[T]:
        if boot <= place.boot:
            return []
        place.past[place.boot] = place.seq
        ready = self._release(place)
        place.boot, place.seq = boot, -1
        return ready

    def _take(self, place: _Place[T], seq: int, item: T) -> list[T]:
        if seq <= place.seq or seq in place.held:
            self.duplicates += 1
            return []
        if seq == place.seq + 1 or (place.seq == -1 and seq == 1):  # a stream starts at 0 or 1
            place.seq = seq
            return [item, *self._follow(place)] if place.held else [item]
        place.held[seq] = item
        hold = PATIENT_HOLD if self._patient else self._hold
        return self._release(place) if len(place.held) >= hold else []

    def _follow(self, place: _Place[T]) -> list[T]:
        """Return the held items that follow without a gap."""
        ready: list[T] = []
        while place.seq + 1 in place.held:
            place.seq += 1
            ready.append(place.held.pop(place.seq))
        return ready

    def _release(self, place: _Place[T]) -> list[T]:
        """Give up the gaps before what is held."""
        ready: list[T] = []
        for seq in sorted(place.held):
            self.missing += seq - max(place.seq, 0) - 1
            place.seq = seq
            ready.append(place.held[seq])
        place.held.clear()
        return ready

    def _resume(self, state: Mapping[str, Any]) -> None:
        for counter in ("received", "duplicates", "missing", "late"):
            setattr(self, counter, int(state.get(counter, 0)))
        for node, sensors in state.get("places", {}).items():
            self._places[node] = {
                sensor: _Place(
                    boot=int(boot),
                    seq=int(seq),
                    committed=(int(boot), int(seq)) if seq >= 0 else None,
                )
                for sensor, (boot, seq) in sensors.items()
            }
