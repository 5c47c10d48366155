"""`fieldlab bench detection`: the public sets that the user has, beside the peers and controls.

One protocol for all: learn before `healthy_until_s`, judge after it, nothing set by hand and
nothing per set. A window is judged where its end lies in a labelled span. Figures per set:

- found_ratio (TPR) and false_ratio (FPR): the share of faulty and of healthy windows in alarm;
- auroc: the mean over recordings of the area under the curve of the score;
- faults_found: faults in which an alarm was on at least once; delay_s: the median until then;
- false_per_1000_h: times that an alarm came on while healthy, per 1,000 healthy hours;
- component_right, component_wrong: what the cases opened in a fault say of the component.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from analytics.backtest import backtest, windows_of
from analytics.describe import Describer
from analytics.diagnose import diagnose
from edge.recording import Recording, open_recording
from fieldlab.app.bench_peers import always, chance, clock, peers
from fieldlab.app.labels import FILE, Labels, Span, read_labels
from fieldlab.core.errors import InputError

Floats = npt.NDArray[np.float64]
OURS = "fieldlab"
_HINDSIGHT = 60  # limits of the clock that are tried; the best is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one method said of one recording: at each time its score, and whether in alarm."""

    labels: Labels
    times_s: Floats
    scores: Floats
    alarms: npt.NDArray[np.bool_]
    cases: tuple[tuple[float, str | None], ...] = ()  # opened at, component


def bench_detection(recordings: Path | None = None) -> dict[str, Any]:
    """Return the figures of every method on every set of a folder SET/RECORDING."""
    if recordings is None:
        raise InputError(
            "bench detection: give the folder of your recordings with --recordings DIR;"
            " docs/detection.md tells where the public sets are"
        )
    found = sorted(file.parent for file in recordings.glob(f"*/*/{FILE}"))
    if not found:
        raise InputError(f"{recordings}: no SET/RECORDING/{FILE} here; see docs/detection.md")
    sets: dict[str, list[Path]] = defaultdict(list)
    for folder in found:
        sets[folder.parent.name].append(folder)
    return {name: _set_figures(folders) for name, folders in sets.items()}


def _set_figures(folders: list[Path]) -> dict[str, Any]:
    """Return the figures of one set by method."""
    diagnosed = {folder: labels for folder in folders
                 if (labels := read_labels(folder)).verdict is not None}  # fmt: skip
    if diagnosed:
        return {OURS: _diagnose_figures(diagnosed)}
    said: dict[str, list[Judged]] = defaultdict(list)
    for number, folder in enumerate(folders):
        for method, judged in _judged(open_recording(folder), read_labels(folder), number):
            said[method].append(judged)
    said["clock (best limit in hindsight)"] = _best_clock(said.pop("clock"))
    return {method: figures_of(judged) for method, judged in said.items()}


def _diagnose_figures(known: Mapping[Path, Labels]) -> dict[str, Any]:
    """Return how often the verdict from physics alone was right, wrong, or not given."""
    counts = {"recordings": len(known), "faulty": 0, "top_right": 0, "verdict_right": 0,
              "verdict_wrong": 0, "verdict_on_healthy": 0}  # fmt: skip
    for folder, labels in known.items():
        recording = open_recording(folder)
        found = diagnose(
            recording.machine, list(windows_of(recording.machine, recording.readings()))
        )
        assert labels.verdict is not None  # noqa: S101  # _set_figures chose those that have one
        truth = (labels.verdict.component, labels.verdict.failure_mode)
        verdict = found.verdict and (found.verdict.component, found.verdict.failure_mode)
        top = found.suspects[0] if found.suspects else None
        if truth[0] is None:
            counts["verdict_on_healthy"] += verdict is not None
            continue
        counts["faulty"] += 1
        counts["top_right"] += top is not None and (top.component, top.failure_mode) == truth
        counts["verdict_right"] += verdict == truth
        counts["verdict_wrong"] += verdict not in (None, truth)
    return counts


# ------------------------------------------------------------------------------- judging


def _judged(recording: Recording, labels: Labels, seed: int) -> Iterator[tuple[str, Judged]]:
    """Return what each method says of a recording."""
    until_s = labels.healthy_until_s
    assert until_s is not None  # noqa: S101  # read_labels saw to it
    result = backtest(recording.machine, recording.readings(), until_s)
    rows = [row for row in result.health if row.state != "learning"]
    times_s = np.array([row.time_s for row in rows], np.float64)
    yield OURS, Judged(
        labels=labels, times_s=times_s,
        scores=np.array([row.score for row in rows], np.float64),
        alarms=np.array([row.state == "alarm" for row in rows], bool),
        cases=tuple((case.opened_s, case.component) for case in result.cases),
    )  # fmt: skip
    ends_s, described = _described(recording)
    for name, make in peers().items():
        detector = make()
        detector.learn(described[ends_s <= until_s])
        later = ends_s > until_s
        yield name, _scored(labels, ends_s[later], detector.score(described[later]))
    yield "clock", _scored(labels, times_s, clock(times_s, until_s))
    yield "always", _scored(labels, times_s, always(times_s))
    yield "chance", _scored(labels, times_s, chance(times_s, seed))


def _scored(labels: Labels, times_s: Floats, scores: Floats) -> Judged:
    return Judged(labels=labels, times_s=times_s, scores=scores, alarms=scores > 1.0)


def _described(recording: Recording) -> tuple[Floats, Floats]:
    """Return the windows' ends, and the rows of features and conditions that peers see."""
    machine = recording.machine
    describer = Describer(machine)
    held: dict[str, float] = {}
    ends: list[float] = []
    rows: list[Floats] = []
    for window in windows_of(machine, recording.readings()):
        for name in machine.conditions:
            values = window.scalars.get(name)
            if values is not None and np.isfinite(values).any():
                held[name] = float(np.nanmean(values))
        conditions = [held.get(name, np.nan) for name in machine.conditions]
        rows.append(np.concatenate([describer.row(window, held), conditions]))
        ends.append(window.end_s)
    return np.array(ends), np.array(rows)


def _best_clock(judged: list[Judged]) -> list[Judged]:
    """Return the clock with the limit that separates best, chosen in hindsight."""
    longest = max(float(found.scores.max(initial=1.0)) for found in judged)

    def at(limit: float) -> list[Judged]:
        return [_scored(found.labels, found.times_s, found.scores / limit) for found in judged]

    def merit(found: list[Judged]) -> float:
        figures = figures_of(found)
        return float((figures["found_ratio"] or 0.0) - (figures["false_ratio"] or 0.0))

    return max((at(limit) for limit in np.linspace(longest / 99, longest, _HINDSIGHT)), key=merit)


# ------------------------------------------------------------------------------- figures


def figures_of(judged: list[Judged]) -> dict[str, Any]:
    """Return the figures of one method on one set; None where nothing was labelled so."""
    ill, well, areas = [], [], []
    rises, healthy_s = 0, 0.0
    for found in judged:
        is_fault, is_healthy = _kinds(found)
        ill.append(found.alarms[is_fault])
        well.append(found.alarms[is_healthy])
        areas.append(_area(found.scores[is_healthy], found.scores[is_fault]))
        rises += _rises(found.alarms, is_healthy)
        healthy_s += _span_s(found.times_s, is_healthy)
    known = [area for area in areas if area is not None]
    return {
        "recordings": len(judged),
        "found_ratio": _share(np.concatenate(ill)),
        "false_ratio": _share(np.concatenate(well)),
        "auroc": round(float(np.mean(known)), 3) if known else None,
        "false_per_1000_h": round(1000 * rises / (healthy_s / 3600), 1) if healthy_s else None,
        **_fault_figures(judged),
    }


def _fault_figures(judged: list[Judged]) -> dict[str, Any]:
    delays: list[float] = []
    faults = right = wrong = 0
    for found in judged:
        for span in _faults(found.labels):
            faults += 1
            inside = (found.times_s > span.from_s) & (found.times_s <= span.to_s) & found.alarms
            delays += [float(found.times_s[inside][0] - span.from_s)] if inside.any() else []
            named = {who for at_s, who in found.cases if span.from_s <= at_s <= span.to_s} - {None}
            right += span.component in named
            wrong += bool(named) and span.component is not None and span.component not in named
    return {
        "faults_found": f"{len(delays)}/{faults}",
        "delay_s": round(float(np.median(delays)), 1) if delays else None,
        "component_right": right,
        "component_wrong": wrong,
    }


def _faults(labels: Labels) -> list[Span]:
    return [span for span in labels.spans if span.kind == "fault"]


def _kinds(found: Judged) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which times lie in a fault, and which in a healthy span."""
    masks = {kind: np.zeros(len(found.times_s), bool) for kind in ("fault", "healthy")}
    for span in found.labels.spans:
        masks[span.kind] |= (found.times_s > span.from_s) & (found.times_s <= span.to_s)
    return masks["fault"], masks["healthy"]


def _rises(alarms: npt.NDArray[np.bool_], healthy: npt.NDArray[np.bool_]) -> int:
    """Return how often an alarm came on while healthy."""
    before = np.concatenate([[False], alarms[:-1]])
    return int((alarms & ~before & healthy).sum())


def _span_s(times_s: Floats, chosen: npt.NDArray[np.bool_]) -> float:
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    return step_s * int(chosen.sum())


def _area(good: Floats, bad: Floats) -> float | None:
    """Return the area under the ROC curve (Mann and Whitney 1947), None without both kinds."""
    if not len(good) or not len(bad):
        return None
    ranks = rankdata(np.concatenate([good, bad]))[len(good) :]
    return float((ranks.sum() - len(bad) * (len(bad) + 1) / 2) / (len(good) * len(bad)))


def _share(alarms: npt.NDArray[np.bool_]) -> float | None:
    return round(float(alarms.mean()), 3) if len(alarms) else None
