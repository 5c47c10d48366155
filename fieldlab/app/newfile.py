"""What a change of a machine file asks for: nothing, another learning, or the edge. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldlab.core.machine import Machine

NOT_JUDGED = frozenset({"name", "position_mm", "replace", "safety", "approval"})
LATER = frozenset({"learn_s", "policy.false_cases_per_year"})  # read when a learning ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The dotted keys that differ, by what they ask for; a sensor's stand in two of them."""

    now: tuple[str, ...] = ()
    next_learning: tuple[str, ...] = ()
    relearn: tuple[str, ...] = ()
    edge: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether the two files say the same."""
        return not (self.now or self.next_learning or self.relearn or self.edge)


def change(old: Machine, new: Machine) -> Change:
    """Return what differs between two files of one machine, and what that asks for.

    What a judgement rests on (sensors, shafts, the kinematics of components) must be learnt anew;
    a sensor is also read by the edge, which has a file of its own.
    """
    before, after = dict(_leaves(_plain(old))), dict(_leaves(_plain(new)))
    keys = [
        key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)
    ]  # fmt: skip
    later = tuple(key for key in keys if key in LATER)
    now = tuple(key for key in keys if _field(key) in NOT_JUDGED)
    rest = [key for key in keys if key not in {*now, *later}]
    return Change(
        now=now,
        next_learning=later,
        relearn=tuple(key for key in rest if _field(key) != "source"),
        edge=tuple(key for key in rest if key.startswith("sensors.")),
    )


def _field(key: str) -> str:
    """Return what a dotted key is about, without the ids of what it belongs to.

    >>> _field("components.name.kind"), _field("name.en"), _field("policy.approval")
    ('kind', 'name', 'approval')
    """
    steps = key.split(".")
    depth = {"components": 2, "sensors": 2, "shafts": 2, "policy": 1}.get(steps[0], 0)
    return steps[min(depth, len(steps) - 1)]


def _plain(machine: Machine) -> dict[str, Any]:
    return machine.model_dump(mode="json", exclude_none=True)


def _leaves(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value with its dotted key."""
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _leaves(value, f"{at}.{key}" if at else str(key))
    else:
        yield at, node
