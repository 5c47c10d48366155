"""`fieldlab bench quality`: how many bad prints escape, and how many good ones are rejected.

500 good prints and 500 with a seeded defect are watched by the printer's own sensors and inspected
afterwards, as a case does it. A defect of at least its stated limit must never be accepted; below
it, the escape curve is printed. The peer is inspection alone, without the sensors.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import numpy as np

from analytics.process import ProcessWatch
from fieldlab.app.measures import SAME_MM, judge, read_by_machine, to_measure
from fieldlab.app.printwatch import process_machine
from fieldlab.core.messages import Measurement, PartOrder
from partgen.compose import compose
from printing.prediction import predict
from printing.slicers.embedded import EmbeddedSlicer
from simulators.defects import Defect, DefectKind
from simulators.printed import Trace, follow, measured
from simulators.process import Layers, layers_of, sensed

SEED = 2025
GOOD, BAD, LEARNT = 500, 500, 8
PARTS: dict[str, tuple[str, dict[str, float]]] = {
    "spur_gear": ("PA12", {"module_mm": 1.5, "teeth": 20, "width_mm": 12, "bore_mm": 8}),
    "flanged_bushing": ("PA12", {}),
    "gt2_pulley": ("PETG", {}),
    "roller": ("PLA", {}),
}
# From where on no defect may be accepted, and the range in which defects are made.
LIMITS: dict[DefectKind, tuple[float, float, float]] = {
    "layer-shift": (0.3, 0.05, 2.0),  # mm
    "under-extrusion": (0.05, 0.005, 0.3),  # share of the flow
    "jam": (0.1, 0.02, 1.0),  # share of the flow
    "wrong-mass": (0.08, 0.01, 0.25),  # share of the density
    "missing-layers": (1.0, 1.0, 6.0),  # layers
    "warped": (0.4, 0.05, 1.5),  # mm; what the tolerance of a size of 60 mm lets see
}
BINS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One part as a case knows it before it is printed."""

    order: dict[str, Any]
    trace: Trace
    layers: Layers
    predicted: Measurement
    wanted: dict[str, float]

    @property
    def warp_sign(self) -> float:
        """Return 1 where the height is measured (corners curl up), else -1 (contours grow)."""
        height_mm = self.predicted.sizes["height_mm"]
        return (
            1.0 if any(abs(height_mm - size) < SAME_MM for size in self.wanted.values()) else -1.0
        )


def bench_quality(good: int = GOOD, bad: int = BAD) -> dict[str, Any]:
    """Return escapes, false rejects, and how many escape below the limits."""
    rng = np.random.default_rng(SEED)
    jobs = [_job(family) for family in PARTS]
    watches = [_watch(job, rng) for job in jobs]
    said: Counter[str] = Counter()
    for number in range(good):
        at = number % len(jobs)
        stopped = _stopped(jobs[at], watches[at], rng, None)
        said["false_stops"] += stopped
        said["false_rejects"] += stopped or _inspected(jobs[at], rng, None) != "accept"
    curves: dict[DefectKind, list[tuple[float, bool]]] = {kind: [] for kind in LIMITS}
    for number in range(bad):
        at = number // len(LIMITS) % len(jobs)
        defect = _defect(number, jobs[at], rng)
        seen, verdict = (
            _stopped(jobs[at], watches[at], rng, defect),
            _inspected(jobs[at], rng, defect),
        )
        escaped = not seen and verdict == "accept"
        curves[defect.kind].append((abs(defect.size), escaped))
        said["stopped"] += seen
        if abs(defect.size) >= LIMITS[defect.kind][0]:
            said["above"] += 1
            said["escapes"] += escaped
            said["escapes_alone"] += verdict == "accept"
    return {
        "good_prints": good,
        "false_rejects": said["false_rejects"],
        "false_rejects_by_own_sensors": said["false_stops"],
        "false_reject_ratio": said["false_rejects"] / good,
        "defects": bad,
        "defects_above_limit": said["above"],
        "escapes_above_limit": said["escapes"],
        "escapes_above_limit_by_inspection_alone": said["escapes_alone"],
        "stopped_by_own_sensors": said["stopped"],
        **{f"limit_{kind}": limit for kind, (limit, _, _) in LIMITS.items()},
        **{f"escapes_{kind}": _curve(rows) for kind, rows in curves.items()},
    }


def _curve(rows: list[tuple[float, bool]]) -> str:
    """Return how many of how many escaped, from the smallest size to the largest."""
    sizes = sorted(size for size, _ in rows)
    edges = [sizes[round(share * (len(sizes) - 1))] for share in np.linspace(0, 1, BINS + 1)]
    told = []
    for low, high in pairwise(edges):
        here = [escaped for size, escaped in rows
                if low <= size and (size < high or high == edges[-1])]  # fmt: skip
        if here:
            told.append(f"{low:.3g}-{high:.3g}: {sum(here)}/{len(here)}")
    return ", ".join(dict.fromkeys(told))


@cache
def _job(family: str) -> _Job:
    material, sizes = PARTS[family]
    order = PartOrder(family=family, material=material, sizes=sizes)
    part = compose(order)
    sliced = EmbeddedSlicer().slice(part.stl, printer="virtual", material=material)
    predicted = predict(sliced.gcode, printer="virtual", material=material)
    plain = {"family": family, "sizes": dict(sizes)}
    trace = follow(sliced.gcode)
    wanted = to_measure(plain, predicted.sizes)
    return _Job(order=plain, trace=trace, layers=layers_of(trace), predicted=predicted,
                wanted=wanted)  # fmt: skip


def _watch(job: _Job, rng: np.random.Generator) -> ProcessWatch:
    """Return a watch that has learnt a few good prints of the same part."""
    watch = ProcessWatch(process_machine())
    watch.learn([sensed(job.layers, rng) for _ in range(LEARNT)])
    return watch


def _defect(number: int, job: _Job, rng: np.random.Generator) -> Defect:
    """Return a seeded defect; a warp is one of a size that this family names as critical."""
    kind = get_args(DefectKind)[number % len(LIMITS)]
    _, low, high = LIMITS[kind]
    size = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    if kind == "missing-layers":
        size = float(max(1, round(size)))
    signs = {"wrong-mass": float(rng.choice([-1.0, 1.0])), "warped": job.warp_sign}
    size *= signs.get(kind, 1.0)
    return Defect(kind=kind, size=size, at_ratio=float(rng.uniform(0.1, 0.8)))


def _stopped(
    job: _Job, watch: ProcessWatch, rng: np.random.Generator, defect: Defect | None
) -> bool:
    return watch.judge(sensed(job.layers, rng, defect)) is not None


def _inspected(job: _Job, rng: np.random.Generator, defect: Defect | None) -> str:
    found = measured(job.trace, rng, defect=defect)
    sizes = read_by_machine(found, job.wanted, job.predicted.sizes)
    result = judge(
        Measurement(mass_g=found["mass_g"], sizes=sizes),
        expected_g=job.predicted.mass_g,
        wanted=job.wanted,
        critical_mm={},
    )
    return result.verdict
