"""The records that travel from stage to stage, in the order of the loop (blocks of ISO 13374-1).

Units are in the names. `value`, `samples` and the members of `scalars`, `conditions` and `values`
are in the unit that the machine file gives for their sensor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64] | npt.NDArray[np.float32]

State = Literal["learning", "normal", "watch", "alarm", "sensor-fault", "unknown"]
Action = Literal["print", "buy", "adjust", "watch", "check-sensor", "ask"]
CaseState = Literal[
    "open", "diagnosed", "designed", "verified", "sliced", "awaiting-approval", "queued",
    "printing", "inspecting", "awaiting-fit", "proving", "proven", "not-healed", "dismissed",
]  # fmt: skip
JobState = Literal[
    "queued", "approved", "sent", "printing", "printed", "accepted", "rejected", "failed",
    "cancelled",
]  # fmt: skip
SensorFault = Literal[
    "stuck", "saturated", "dropped-out", "unplugged", "spikes", "clock-jump", "swapped", "moved"
]
Verdict = Literal["accept", "rework", "reject"]


# -------------------------------------------------------------------- sense (data acquisition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A block of samples of one sensor, evenly spaced (data acquisition).

    `t_s` is the time of the first sample. `last` closes a snapshot; a block without it is
    continued by the next one.
    """

    sensor: str
    t_s: float
    rate_hz: float
    samples: Samples
    last: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One reading of a sensor that gives numbers (data acquisition)."""

    sensor: str
    t_s: float
    value: float


Reading = Wave | Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """All that the sensors of one machine read during one judgement (data acquisition).

    A scalar sensor holds all its samples of the window in order, NaN where one is missing; a sensor
    that said nothing is absent. `scalars` holds the condition sensors too; `put_back` names those
    whose clock ran back.
    """

    machine_id: str
    t_s: float
    end_s: float
    waves: Mapping[str, Wave] = field(default_factory=dict)
    scalars: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    put_back: frozenset[str] = frozenset()


# ---------------------------------------------------------------- describe (data manipulation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is in a window: named numbers, and the conditions they were seen under."""

    machine_id: str
    t_s: float
    conditions: Mapping[str, float]
    values: Mapping[str, float]


# ---------------------------------------------------------------------- judge (state detection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the machine is as it was learnt to be under this condition (state detection)."""

    machine_id: str
    t_s: float
    state: State
    score_ratio: float  # 1.0 is the learnt limit
    component: str | None = None
    learnt_ratio: float = 1.0  # how much of the learning is done
    component_ratios: Mapping[str, float] = field(default_factory=dict)  # each against its limit
    sensor: str | None = None
    sensor_fault: SensorFault | None = None
    false_cases_per_year: float | None = None  # the budget that the learning supports


# ----------------------------------------------------------------- diagnose (health assessment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason as data: a phrase's key (fieldlab.core.phrases) and the numbers in it."""

    key: str
    numbers: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A named place in a spectrum that belongs to a suspicion."""

    name: str
    frequency_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One component and failure mode that could explain what was seen."""

    component: str
    failure_mode: str | None
    confidence: float
    reasons: tuple[Reason, ...] = ()
    group: tuple[str, ...] = ()  # components that these sensors cannot tell from this one
    sensor: str | None = None  # the sensor that shows it best
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Which component underperforms, and how sure we are (health assessment).

    `verdict` is None when no suspect is sure enough: "I don't know".
    """

    machine_id: str
    t_s: float
    suspects: tuple[Suspect, ...] = ()
    verdict: Suspect | None = None


# ------------------------------------------------------------- forecast (prognostic assessment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long a component will last, with a 90 % band; None where there is no trend yet."""

    machine_id: str
    component: str
    t_s: float
    failure_mode: str | None = None  # by whose law it was forecast
    remaining_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None


# --------------------------------------------------------------- advise (advisory generation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a diagnosed component (advisory generation)."""

    machine_id: str
    action: Action
    t_s: float
    component: str | None = None
    failure_mode: str | None = None
    reasons: tuple[Reason, ...] = ()


# --------------------------------------------------------------------------- design and verify


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOrder:
    """Which part to make: a family, its sizes (units in the keys), a material, a mark."""

    family: str
    material: str
    sizes: Mapping[str, float | int | str]
    machine_id: str = ""
    component: str = ""
    case_id: str = ""
    generation: int = 1
    reasons: tuple[Reason, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A composed part: the bytes that ship and their fingerprint."""

    order: PartOrder
    stl: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was measured on a part or a file, and what it had to be."""

    name: str
    ok: bool
    found: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether the bytes that ship are the part that was ordered."""

    level: Literal["batch", "full"]
    ok: bool
    sha256: str
    checks: tuple[Check, ...] = ()


# --------------------------------------------------------------------- slice, gate, queue, print


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """G-code and what it promises."""

    gcode: bytes
    sha256: str
    slicer: str
    duration_s: float
    filament_mm: float
    mass_g: float
    layers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the gate refuses a file; line 0 is the whole file."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """The verdict of the independent gate on exactly these bytes."""

    sha256: str
    ok: bool
    refusals: tuple[Refusal, ...] = ()
    duration_s: float = 0.0
    volume_mm3: float = 0.0
    layers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One print of one case and part generation; a reprint is the next attempt of it."""

    id: str
    case_id: str
    generation: int
    printer: str
    material: str
    gcode_sha256: str
    state: JobState = "queued"
    attempt: int = 1
    priority: float = 0.0
    mass_g: float = 0.0
    duration_s: float = 0.0
    reason: str = ""
    machine_id: str = ""  # whose part it is
    held: bool = False  # by the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """What a printer says of itself; `job_key` is the job that it has or had last."""

    state: Literal["idle", "printing", "done", "failed", "offline"]
    job_key: str | None = None
    progress_ratio: float = 0.0
    layer: int = 0
    nozzle_degc: float = 0.0
    bed_degc: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a scale and a calliper found on a printed part."""

    mass_g: float
    sizes: Mapping[str, float]  # critical sizes in mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Whether the printed part is good."""

    verdict: Verdict
    reason: str
    checks: tuple[Check, ...] = ()


# ------------------------------------------------------------------------------ fit and prove


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether the machine is back to its own learnt normal under the same conditions."""

    machine_id: str
    component: str
    t_s: float
    healed: bool
    score_before_ratio: float
    score_after_ratio: float
    windows: int
    reason: str = ""


# ------------------------------------------------------------------------------------ the bus


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where a message stands in its node's stream: order by (boot, seq), never by clock."""

    boot: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """What the hub has committed of a node's boot, by sensor (hub to node)."""

    boot: int
    stream: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """Birth and last will of a node."""

    state: Literal["online", "offline"]
    boot: int
    t_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a node serves: its machine file as plain data, and which of its sensors it reads."""

    machine: Mapping[str, Any]
    sensors: tuple[str, ...]
    simulated: bool = False
    healthy_until_s: float | None = None  # a replayed recording knows how long it was healthy
    script: Mapping[str, float] | None = None  # of a simulation: seed, healthy_s, life_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to a node; refused after it expires. `arguments` belong to the command."""

    id: str
    expires_s: float
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A node's answer to a command."""

    id: str
    ok: bool
    t_s: float
    reason: str = ""
