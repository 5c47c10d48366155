"""What a redesign starts from and what it ends with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldlab.core.messages import PartOrder, Reason
from partgen.engineering.band import Band
from partgen.engineering.checks import Duty, Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Hours with their 90 % band."""

    value_h: float
    low_h: float
    high_h: float

    @classmethod
    def of(cls, band: Band) -> "Span":
        """Return a band as hours."""
        return cls(value_h=band.value, low_h=band.low, high_h=band.high)

    @property
    def band(self) -> Band:
        """The hours as a band."""
        return Band.of(self.value_h, self.low_h, self.high_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The part that failed: its sizes, its material and its generation."""

    sizes: Mapping[str, float | int | str]
    material: str
    generation: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What this machine showed of the part that failed.

    `age_h` are hours of running until the alarm; `life` is the whole life, the alarm's age and
    what the forecast leaves, None where there is no forecast. `load_ratio` is the load that is to
    come over the load that was measured, 1 where nothing was measured.
    """

    failure_mode: str | None
    age_h: float | None = None
    life: Span | None = None
    duty: Duty = field(default_factory=Duty)
    load_ratio: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to make the replacement; `gain` and `life` are None where no law or value is."""

    material: str
    sizes: Mapping[str, float]  # those that differ from the part that failed
    gain: Band | None = None
    life: Span | None = None
    safeties: tuple[Safety, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no check is known to fail."""
        return all(safety.holds for safety in self.safeties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An option that was weighed and not taken, and why."""

    material: str
    sizes: Mapping[str, float]
    gain_ratio: float | None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Redesign:
    """The order of a better part: how long it should last, how safe it is, and why it is so.

    `until` says what a life ends with: the wear at which the machine raises its alarm, or the
    end of the part's life, where a forecast knew it.
    """

    order: PartOrder
    changed: Mapping[str, float]
    rule: str | None
    until: str
    gain_ratio: float | None
    life: Span | None
    target_h: float | None
    reaches_target: bool | None
    safeties: tuple[Safety, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    from_memory: tuple[str, ...] = ()
