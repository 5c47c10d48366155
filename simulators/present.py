"""All that changes in a simulated machine, as one record that can be saved and read back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.kinematics import Cycle
from simulators.scalars import Heat, slip_of
from simulators.sensor_faults import Broken
from simulators.shift import Operation
from simulators.wear import FittedPart


@dataclass(slots=True, kw_only=True)
class Present:
    """The machine at this moment: all that a saved state holds besides the random generator."""

    seed: int
    t_s: float
    phases: dict[str, float]  # of each cycle, in turns
    parts: dict[str, FittedPart]
    heat: Heat = field(default_factory=Heat)
    broken: dict[str, Broken] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def faults(self) -> dict[str, dict[str, float]]:
        """Return the severities of all that fails, by component and mode."""
        return {name: part.faults for name, part in self.parts.items() if part.faults}

    def rates_hz(self, cycles: Mapping[str, Cycle], now: Operation) -> dict[str, float]:
        """Return how fast each cycle turns under an operation."""
        faults = self.faults()
        return {
            name: cycle.nominal_hz * now.speed_ratio * (1 - slip_of(faults, cycle.behind_belts))
            if cycle.follows_speed
            else cycle.nominal_hz
            for name, cycle in cycles.items()
        }

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any], *, like: "Present") -> "Present":
        """Return what `plain` wrote, for the same machine as `like`.

        Raises
        ------
        ValueError
            If it was saved with another machine file.
        """
        parts = {name: FittedPart.of_plain(part) for name, part in plain["parts"].items()}
        phases = {name: float(phase) for name, phase in plain["phases"].items()}
        if set(parts) != set(like.parts) or set(phases) != set(like.phases):
            raise ValueError("it was saved with another machine file; delete it to start anew")
        return cls(
            seed=plain["seed"],
            t_s=plain["t_s"],
            phases={name: phases[name] for name in like.phases},
            parts={name: parts[name] for name in like.parts},
            heat=Heat(**plain["heat"]),
            broken={name: Broken(**broken) for name, broken in plain["broken"].items()},
            moved=dict(plain["moved"]),
            last=dict(plain["last"]),
        )
