"""The demo's script: healthy for a while, then one component after another begins to wear."""

import json
from collections.abc import Iterable
from typing import Any

from fieldlab.core.errors import InputError
from fieldlab.core.machine import Machine
from simulators.machine import SimulatedMachine
from simulators.shift import stable_rng
from simulators.wear import MODES

_NOT_THIS_PART = ("misalignment", "slip")  # a new part does not cure a crooked frame or a lax belt
_NOTES = "scenario"


class Scenario:
    """Starts wear, one component at a time, in an order drawn from the seed.

    Parameters
    ----------
    machine : SimulatedMachine
        The machine to wear.
    seed : int
        Draws the order and the failure modes.
    healthy_s : float
        How long all is well at first; a third of it passes after each fitting.
    life_s : float
        The life of a part at rated load, once it wears.
    components : tuple of str
        In this order; by default one of each inseparable group, shuffled, the printable ones first.
    mode : str
        How they fail; by default drawn from what a new part cures.

    Raises
    ------
    InputError
        If a component does not exist or nothing can wear.
    """

    def __init__(
        self,
        machine: SimulatedMachine,
        *,
        seed: int,
        healthy_s: float,
        life_s: float,
        components: tuple[str, ...] = (),
        mode: str = "",
    ) -> None:
        if not (healthy_s >= 0 and life_s > 0):
            raise InputError("give a healthy_s from 0 and a life_s above 0, in seconds")
        self._machine = machine
        self._plan: dict[str, Any] = {
            "seed": seed,
            "healthy_s": healthy_s,
            "life_s": life_s,
            "order": list(components or _shuffled(machine, seed)),
            "mode": mode,
            "begun": 0,
            "quiet_since_s": machine.now_s,
        }
        able_modes = machine.failure_modes()
        unknown = [name for name in self._plan["order"] if not able_modes.get(name)]
        if not unknown and mode and any(mode not in able_modes[n] for n in self._plan["order"]):
            name = self._plan["order"][0]
            raise InputError(f"{name} cannot fail by '{mode}'; it can by {_list(able_modes[name])}")
        if unknown or not self._plan["order"]:
            able = _list(name for name, modes in able_modes.items() if modes)
            raise InputError(f"cannot wear {_list(unknown) or 'nothing'}; what can wear: {able}")
        self._save()

    def step(self) -> None:
        """Start the next component's wear if its time has come; call before each reading."""
        plan = self._plan
        if self._machine.severities():  # one at a time, and a visitor's fault counts too
            plan["quiet_since_s"] = None
        elif plan["quiet_since_s"] is None:
            plan["quiet_since_s"] = self._machine.now_s
        elif self._machine.now_s - plan["quiet_since_s"] >= self._patience_s():
            self._begin()
        self._save()

    def _patience_s(self) -> float:
        return float(self._plan["healthy_s"] / (3 if self._plan["begun"] else 1))

    def _begin(self) -> None:
        plan = self._plan
        component = plan["order"][plan["begun"] % len(plan["order"])]
        mode = plan["mode"] or self._drawn(component)
        self._machine.start_wear(component, mode, life_s=plan["life_s"])
        plan["begun"] += 1
        plan["quiet_since_s"] = None

    def _drawn(self, component: str) -> str:
        rng = stable_rng(self._plan["seed"], "mode", self._plan["begun"])
        modes = _curable(self._machine.machine, component, self._machine.failure_modes()[component])
        return str(modes[int(rng.integers(len(modes)))])

    def _save(self) -> None:
        self._machine.notes[_NOTES] = dict(self._plan)

    def wears(self, component: str, mode: str) -> bool:
        """Whether the script is about this component and mode alone."""
        return (self._plan["order"], self._plan["mode"]) == ([component], mode)

    @classmethod
    def kept_by(cls, machine: SimulatedMachine) -> "Scenario | None":
        """Return the script that a machine's state holds, or None if it holds none."""
        return cls.resume(machine) if _NOTES in machine.notes else None

    def state(self) -> bytes:
        """Return where the script is, as JSON; the machine's own state holds it too."""
        return json.dumps(self._plan, sort_keys=True).encode()

    @classmethod
    def resume(cls, machine: SimulatedMachine, state: bytes | None = None) -> "Scenario":
        """Return the script that goes on from `state`, or from what the machine's state holds.

        Raises
        ------
        InputError
            If there is no such state or it cannot be read.
        """
        try:
            plan = json.loads(state) if state is not None else dict(machine.notes[_NOTES])
            resumed = cls(
                machine,
                seed=plan["seed"],
                healthy_s=plan["healthy_s"],
                life_s=plan["life_s"],
                components=tuple(plan["order"]),
                mode=plan["mode"],
            )
            resumed._plan |= {key: plan[key] for key in ("begun", "quiet_since_s")}
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the script's saved state cannot be read ({error!r})") from error
        resumed._save()
        return resumed


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _shuffled(machine: SimulatedMachine, seed: int) -> list[str]:
    """Return one component of each group, the printable ones first, each part shuffled."""
    file = machine.machine
    firsts = [group[0] for group in file.groups() if _wears(file, group[0])]
    rng = stable_rng(seed, "order")
    order = [firsts[index] for index in rng.permutation(len(firsts))]
    return sorted(order, key=lambda name: not _printable(file, name))


def _wears(file: Machine, name: str) -> bool:
    component = file.components[name]
    own = MODES.get(component.kind) or component.failure_modes
    return bool(own or (component.shaft and component.replace.adjust))


def _printable(file: Machine, name: str) -> bool:
    component = file.components[name]
    return component.replace.print is not None and component.safety != "never-print"


def _curable(file: Machine, name: str, modes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the modes that a new part cures, of those that physics gives for its kind."""
    own = MODES.get(file.components[name].kind, ())
    good = tuple(mode for mode in modes if mode in own and mode not in _NOT_THIS_PART)
    return good or tuple(mode for mode in modes if mode != "looseness") or modes
