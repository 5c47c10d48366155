"""Health of a machine whose sensors give numbers, not waveforms: learn, judge, alarm, diagnose.

A machine with a work cycle is judged cycle by cycle (process_cycle); any other by how its levels
drift (process_drift) and how its sensors follow each other (process_dynamics).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analytics.baseline import Baseline, learn
from analytics.features.spectra import Floats
from analytics.process_alarm import OFF_RATIO, ON_WINDOWS, WATCH_RATIO, Alarm
from analytics.process_budget import of_averages, of_cycles
from analytics.process_cycle import LEVEL_LIMIT, Cycle, CycleSpreads, learn_cycle
from analytics.process_drift import MOST_LIMIT as MOST_DRIFT
from analytics.process_drift import PACES as DRIFT_PACES
from analytics.process_drift import Drift, learn_drift
from analytics.process_dynamics import MOST_LIMIT as MOST_NOVEL
from analytics.process_dynamics import PACES, Dynamics, can_learn, learn_dynamics
from analytics.process_news import Bools, News, read_anew, read_together
from analytics.process_rows import Reader
from analytics.process_shape import plausible, shape_of
from analytics.process_symptoms import LEAST_FIT, Symptoms
from analytics.state import freedom_of
from analytics.wave_judge import under
from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, State, Window

MIN_WINDOWS = 8
MAX_LEARN_BYTES = 600_000
_PATIENCE = 5  # windows in alarm until a case without a name is opened
_MOST_GATHERED = 8  # cycles of an alarm that a verdict looks at
_FAINT_RATIO, _FAINT_CYCLES = 2.0, 3  # what stands out less needs so many cycles for a verdict
_CYCLE_OFF = 0.85  # of the limit: each cycle stands for itself
_ANY_SHARE = 0.2
_LEAST_PLAUSIBLE = 0.8
_FAINT = 0.1
_QUICK = 1  # the pace that tells whether what raised an alarm is gone
_NO_FLOOR = 1e-7  # of a level: a spread below it is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSaid:
    """What is said of one window."""

    state: State
    ratio: float
    ratios: Mapping[str, float]  # of each component against its limit
    component: str | None = None
    diagnosis: Diagnosis | None = None
    opened: tuple[Diagnosis, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Case:
    """What is open while an alarm is on; `component` is "" while nobody is named."""

    component: str | None = None
    waited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What one window says, against limits, and the modes that could explain it."""

    ratio: float
    quick: float
    ratios: Floats  # (modes,)
    weights: Floats  # (modes,) how well each explains it
    plain: Bools  # (modes,) which show enough of themselves for a verdict
    strength: Floats  # (sensors,)
    on: int = 1
    off: float = OFF_RATIO


class ProcessJudge:
    """Learns and judges a machine by its scalar sensors.

    Parameters
    ----------
    machine : Machine
        What the machine file says.
    """

    def __init__(self, machine: Machine) -> None:
        self._asked_per_year = machine.policy.false_cases_per_year
        self._interval_s = machine.window_s
        self._supported_per_year: float | None = None
        self._reader = Reader(machine)
        self._symptoms = Symptoms(machine, self._reader.sensors)
        self._rows: list[Floats] = []  # levels, then conditions, then courses
        self._cycle: Cycle | None = None
        self._baseline: Baseline | None = None
        self._drift: Drift | None = None
        self._dynamics: Dynamics | None = None
        self._news: News | None = None
        self._alarm = Alarm()
        self._case = _Case()
        self._gathered = 0
        self._moments = np.empty((0, 0))  # mean over the gathered cycles
        self._levels = np.empty((2, 0))
        self._by_warmth = (self._symptoms.signs != 0) @ self._reader.is_cause

    @property
    def is_ready(self) -> bool:
        """Whether a normal has been learnt."""
        return self._cycle is not None or self._drift is not None

    @property
    def supported_per_year(self) -> float | None:
        """The false cases a year that the learning supports."""
        return self._supported_per_year

    # ------------------------------------------------------------------------------ learning

    def remember(self, window: Window, conditions: Floats) -> None:
        """Add a healthy window; the oldest are forgotten where the memory is full."""
        self._reader.tune(window)
        courses = self._reader.courses(window)
        row = np.concatenate([self._reader.levels(window), conditions, courses.ravel()])
        self._rows.append(row.astype(np.float32))
        if len(self._rows) * row.size * 4 > MAX_LEARN_BYTES:
            del self._rows[0]

    def finish(self) -> None:
        """Learn from what is remembered, if it is enough; it is then let go."""
        if not self._rows:
            return
        size = len(self._rows[-1])
        rows = np.array([row for row in self._rows if len(row) == size], np.float64)
        width, moments = len(self._reader.sensors), len(self._reader.sensors) * self._reader.bins
        levels, conditions = rows[:, :width], rows[:, width : size - moments]
        known = np.isfinite(levels).any(axis=1)
        if known.sum() < MIN_WINDOWS:
            return
        levels = _filled(levels[known])
        courses = rows[known, size - moments :].reshape(len(levels), width, -1)
        learnt = learn_cycle(courses, levels, self._reader.is_cause)
        if learnt is not None:
            self._cycle = Cycle(learnt)
            self._supported_per_year = of_cycles(
                self._asked_per_year, interval_s=self._interval_s, limit=self._cycle.limit,
                streams=learnt["weights"].shape[1], freedom=len(levels) - 2.0,
            )  # fmt: skip
        else:
            self._learn_levels(levels, conditions[known])
        self._rows = []

    def _learn_levels(self, levels: Floats, conditions: Floats) -> None:
        floor = _NO_FLOOR * np.abs(levels.mean(axis=0)) + 1e-12
        self._baseline, _ = learn(levels, conditions, floor)
        rows = np.array(
            [self._baseline.deviations(*both) for both in zip(levels, conditions, strict=True)]
        )
        found = learn_drift(rows, self._symptoms.signs)
        settled = can_learn(rows)
        charts: list[tuple[tuple[float, ...], int, float]] = [
            (DRIFT_PACES, len(found["signs"]), MOST_DRIFT)
        ]
        charts += [(PACES, 1, MOST_NOVEL)] if settled else []
        freedom = freedom_of(rows, used=float(self._baseline.weights.shape[0]))
        budgets = [
            of_averages(
                self._asked_per_year / len(charts), paces, interval_s=self._interval_s,
                streams=streams, freedom=freedom, most=most,
            ) for paces, streams, most in charts
        ]  # fmt: skip
        self._supported_per_year = sum(one.supported_per_year for one in budgets)
        self._drift = Drift(found | {"limit": np.array(budgets[0].limit)})
        if settled:
            groups = read_together(levels)
            novel = learn_dynamics(rows, read_anew(levels, groups), groups)
            self._dynamics = Dynamics(novel | {"limit": np.array(budgets[1].limit)})
            self._news = News({"groups": groups, "last": levels[-1]})

    # ------------------------------------------------------------------------------- judging

    def step(
        self,
        window: Window,
        conditions: Floats,
        *,
        mute: Collection[str] = (),
        coarse: Collection[str] = (),
    ) -> ProcessSaid:
        """Judge a window; those before it have been judged.

        `mute` names sensors that are not believed, save those in `coarse` while an alarm is on:
        such a sensor may repeat itself because the machine changed.
        """
        heard = {
            name: values for name, values in window.scalars.items()
            if name not in mute or (self._alarm.is_on and name in coarse)
        }  # fmt: skip
        window = replace(window, scalars=heard)
        levels = self._reader.levels(window)
        found = (
            self._cycle_found(self._cycle, self._reader.courses(window), levels)
            if self._cycle is not None
            else self._levels_found(levels, conditions)
        )
        if found is None:
            state: State = "alarm" if self._alarm.is_on else "unknown"
            return ProcessSaid(state=state, ratio=0.0, ratios={}, component=self._named())
        ended = self._alarm.step(found.ratio, found.quick, on=found.on, off=found.off)
        closed = self._close() if ended else ()
        diagnosis = None
        if found.ratio > WATCH_RATIO or self._alarm.is_on:
            diagnosis = self._symptoms.diagnosed(
                window.t_s, found.weights, found.strength, plain=found.plain
            )
        nobody = self._case.component == ""
        opened = self._open(diagnosis) if self._alarm.is_on and diagnosis is not None else ()
        if nobody and self._named():
            closed = (*closed, "")  # the case without a name goes on under the name
        return ProcessSaid(
            state=self._alarm.state(found.ratio), ratio=found.ratio,
            ratios=self._symptoms.ratios(found.ratios), component=self._named(),
            diagnosis=diagnosis, opened=opened, closed=closed,
        )  # fmt: skip

    def fitted(self) -> None:
        """Forget the alarm: another part is in the machine."""
        self._alarm, self._case = Alarm(), _Case()
        self._forget()

    def _levels_found(self, levels: Floats, conditions: Floats) -> _Found | None:
        assert self._baseline is not None  # noqa: S101  # learnt together with the drift
        assert self._drift is not None  # noqa: S101
        if not np.isfinite(levels).any():
            return None
        row = self._baseline.deviations(levels, conditions)
        by_pace, strength = self._drift.step(row, is_alarm=self._alarm.is_on)
        novel = np.full(len(PACES), -1.0)
        if self._dynamics is not None and self._news is not None:
            novel = self._dynamics.step(row - self._drift.moved(), self._news.step(levels))
        agreed = self._drift.agreed()
        ratios = by_pace.max(axis=0)[: len(self._symptoms.modes)]
        fit, share = self._symptoms.fit(strength)
        return _Found(
            ratio=_positive(max(agreed, float(novel.max()))),
            quick=float(novel[_QUICK] if novel.max() > agreed else by_pace[_QUICK].max()),
            ratios=ratios, weights=np.clip(fit, 0.0, None) * share,
            plain=(fit >= LEAST_FIT) & (ratios > 1.0), strength=strength,
        )  # fmt: skip

    def _cycle_found(self, cycle: Cycle, courses: Floats, levels: Floats) -> _Found | None:
        spreads = cycle.spreads(courses, levels)
        if spreads is None:
            return None
        raised = self._level_ratios(spreads)
        moment = float(np.abs(spreads.moments).max()) / cycle.limit
        ratio = max(moment, float(raised.max(initial=0.0)))
        self._gather(spreads, anew=ratio <= WATCH_RATIO)
        fit, share = self._fits()
        sharp = self._moments * np.sqrt(self._gathered)  # their noise falls as they are averaged
        shape = shape_of(sharp) if moment > 1.0 else "all-along"
        suits = np.array([plausible(mode.kind, shape) for mode in self._symptoms.modes])
        if shape == "all-along":
            weights, plain = np.clip(fit, 0.0, None) * share * suits, fit >= LEAST_FIT
        else:
            within, named = self._within(cycle, sharp)
            weights = suits * (_ANY_SHARE + within) * named
            clear = ratio > _FAINT_RATIO or self._gathered >= _FAINT_CYCLES
            plain = (suits >= _LEAST_PLAUSIBLE) & clear
        return _Found(
            ratio=ratio, quick=ratio, ratios=np.maximum(raised, moment * (weights > 0)),
            weights=weights, plain=plain, strength=self._strength(cycle),
            on=ON_WINDOWS, off=_CYCLE_OFF,
        )  # fmt: skip

    def _level_ratios(self, spreads: CycleSpreads) -> Floats:
        signs = self._symptoms.signs
        cap = 1.6 * LEVEL_LIMIT
        both = [
            np.clip(signs * np.nan_to_num(levels), -LEVEL_LIMIT, cap).sum(axis=1)
            for levels in (spreads.levels, spreads.plain_levels)
        ]
        norm = LEVEL_LIMIT * np.sqrt(np.maximum((signs != 0).sum(axis=1), 1))
        return np.asarray(np.where(self._by_warmth, both[1], both[0]) / norm, np.float64)

    def _gather(self, spreads: CycleSpreads, *, anew: bool) -> None:
        """Add a cycle to the evidence, which begins anew when the machine looks healthy."""
        levels = np.stack([spreads.levels, spreads.plain_levels])
        if anew or self._moments.shape != spreads.moments.shape:
            self._moments, self._levels, self._gathered = spreads.moments, levels, 1
            return
        self._gathered = min(self._gathered + 1, _MOST_GATHERED)
        self._moments = self._moments + (spreads.moments - self._moments) / self._gathered
        self._levels = self._levels + (levels - self._levels) / self._gathered

    def _fits(self) -> tuple[Floats, Floats]:
        """Return fit and share of each mode; tables that name a temperature see it as it is."""
        fit, share = self._symptoms.fit(self._levels[0])
        plain_fit, plain_share = self._symptoms.fit(self._levels[1])
        return (
            np.where(self._by_warmth, plain_fit, fit),
            np.where(self._by_warmth, plain_share, share),
        )

    def _within(self, cycle: Cycle, sharp: Floats) -> tuple[Floats, Bools]:
        """Return per mode how much stands out at sensors of its table, and if it has any there."""
        energy = np.clip(sharp**2 - 4.0, 0.0, None).sum(axis=1)
        named = np.asarray(self._symptoms.signs[:, cycle.driven] != 0, bool)
        share = named @ energy / max(float(energy.sum()), 1e-9)
        return np.asarray(share, np.float64), np.asarray(named.any(axis=1), bool)

    def _strength(self, cycle: Cycle) -> Floats:
        """Return how far each sensor is: its level, or the moment that stands out most."""
        out: Floats = self._levels[0].copy()
        for at, row in zip(cycle.driven, self._moments, strict=True):
            most = row[np.abs(row).argmax()]
            out[at] = most if abs(most) > abs(out[at]) else out[at]
        return out

    # --------------------------------------------------------------------------------- cases

    def _named(self) -> str | None:
        return self._case.component or None

    def _open(self, diagnosis: Diagnosis) -> tuple[Diagnosis, ...]:
        case, verdict = self._case, diagnosis.verdict
        case.waited += 1
        if verdict is not None and not case.component:
            case.component = verdict.component
            return (diagnosis,)
        if case.component is None and case.waited > _PATIENCE:
            case.component = ""
            return (replace(diagnosis, verdict=None),)
        return ()

    def _close(self) -> tuple[str, ...]:
        component, self._case = self._case.component, _Case()
        self._forget()
        return () if component is None else (component,)

    def _forget(self) -> None:
        if self._drift is not None:
            self._drift.forget()
        if self._dynamics is not None:
            self._dynamics.forget()

    # -------------------------------------------------------------------------------- saving

    def arrays(self) -> dict[str, Any]:
        """Return what was learnt and is remembered as arrays, to be saved."""
        out: dict[str, Any] = {
            "rows": np.array(self._rows, np.float32), "moments": self._moments,
            "levels": self._levels,
        }  # fmt: skip
        parts = {"cycle": self._cycle, "baseline": self._baseline, "drift": self._drift,
                 "dynamics": self._dynamics, "news": self._news}  # fmt: skip
        for name, part in parts.items():
            if part is not None:
                out |= {f"{name}_{key}": value for key, value in part.plain().items()}
        return out

    def plain(self) -> dict[str, Any]:
        """Return the rest of what is remembered as plain data, to be saved."""
        return {
            "bins": self._reader.bins, "alarm": self._alarm.plain(),
            "component": self._case.component, "waited": self._case.waited,
            "gathered": self._gathered, "supported_per_year": self._supported_per_year,
        }  # fmt: skip

    def restore(self, arrays: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
        """Go on from what `arrays` and `plain` wrote."""
        self._reader.bins = plain["bins"]
        self._alarm = Alarm.of_plain(plain["alarm"])
        self._case = _Case(component=plain["component"], waited=plain["waited"])
        self._gathered = plain["gathered"]
        self._supported_per_year = plain["supported_per_year"]
        self._rows = list(arrays["rows"])
        self._moments, self._levels = arrays["moments"], arrays["levels"]
        if found := under(arrays, "cycle_"):
            self._cycle = Cycle.of_plain(found)
        if found := under(arrays, "baseline_"):
            self._baseline = Baseline.of_plain(found)
        if found := under(arrays, "drift_"):
            self._drift = Drift.of_plain(found)
        if found := under(arrays, "dynamics_"):
            self._dynamics = Dynamics.of_plain(found)
        if found := under(arrays, "news_"):
            self._news = News(found)


def _positive(ratio: float) -> float:
    """Return a ratio above 0; below a tenth of the limit only its order is kept."""
    return ratio if ratio > _FAINT else _FAINT * float(np.exp((ratio - _FAINT) / _FAINT))


def _filled(levels: Floats) -> Floats:
    """Return levels with what is missing at the median of its sensor."""
    middle = np.nan_to_num(np.nanmedian(levels, axis=0))
    return np.where(np.isfinite(levels), levels, middle)
