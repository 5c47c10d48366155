"""One machine under watch: windows to judgements, in order; its state can be saved and resumed."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analytics.advice import advise, advise_sensor
from analytics.baseline import Baseline, learn, medians
from analytics.describe import Describer
from analytics.diagnosis import diagnosed, is_sure, rank
from analytics.evidence import Evidence, Limits, learn_limits, novelty
from analytics.features.spectra import Floats
from analytics.forecast import forecast
from analytics.kinematics import shaft_rates_hz
from analytics.paths import Paths
from analytics.reasons import Seen
from analytics.sensors import SensorWatch
from fieldlab.core.machine import Machine
from fieldlab.core.messages import (
    Advice,
    Diagnosis,
    Features,
    Forecast,
    Health,
    SensorFault,
    State,
    Window,
)

WEIGHT = 0.2  # of the newest window in the moving averages
LIMIT = 9.0  # spreads of the moving average; few false cases in months of windows
MIN_LEARN_WINDOWS = 8
MAX_LEARN_BYTES = 600_000
_EWMA_SPREAD = float(np.sqrt(WEIGHT / (2 - WEIGHT)))
_CLIP = 12.0
_CLEAR_RATIO, _CLEAR_WINDOWS = 0.75, 3
_GONE_RATIO, _GONE_WINDOWS = 0.4, 2
_FORGET_RATIO = 0.2
_PATIENCE, _SHORT_PATIENCE, _PLAIN_RATIO = 24, 5, 3.0
_WATCH_RATIO = 0.6
_PLAIN = 1.6
_HISTORY = 120
STATE_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that is said of one window."""

    window_t_s: float
    features: Features
    health: Health
    diagnosis: Diagnosis | None = None
    forecast: Forecast | None = None
    advice: Advice | None = None
    opened: tuple[Diagnosis, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Episode:
    """An alarm of one component; `component` is None while nobody is named."""

    component: str | None
    mode: str | None
    opened_s: float
    calm: int = 0
    gone: int = 0
    peak: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Scores:
    """What the evidence of one window says, against its limits."""

    raised: Floats  # (signatures,) moving average against its limit
    raw: Floats  # (signatures,) this window alone, against the same limit
    novel: float
    novel_raw: float


@dataclass(slots=True, kw_only=True)
class _Memory:
    """All that changes from window to window, except arrays of learning."""

    until_s: float | None = None
    first_s: float | None = None
    held: dict[str, float] = field(default_factory=dict)
    windows: int = 0
    stride: int = 1
    over: int = 0
    waiting: int = 0
    unexplained: bool = False
    episodes: list[_Episode] = field(default_factory=list)
    history: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


class Monitor:
    """Learns a machine's normal, then judges window after window.

    Parameters
    ----------
    machine : Machine
        What the machine file says.
    healthy_until_s : float, optional
        Learn event time before this; else the first `machine.learn_s` seconds.
    """

    def __init__(self, machine: Machine, *, healthy_until_s: float | None = None) -> None:
        self._machine = machine
        self._describer = Describer(machine)
        self._evidence = Evidence(self._describer)
        self._sensors = SensorWatch(tuple(machine.sensors))
        self._memory = _Memory(until_s=healthy_until_s)
        count = len(self._describer.features)
        self._rows: list[Floats] = []
        self._conditions: list[Floats] = []
        self._baseline: Baseline | None = None
        self._limits: Limits | None = None
        self._paths = Paths(len(self._evidence.names))
        self._average = np.zeros(len(self._evidence.names) + 1)
        self._newest = np.zeros(len(self._average))
        self._strength = np.zeros(count)
        self._louder = np.zeros(count)
        self._general = np.array(
            [f.kind not in ("level", "scatter") or not self._describer.wave_sensors
             for f in self._describer.features], bool,
        )  # fmt: skip
        self._place = {
            (f.sensor, f.line): at for at, f in enumerate(self._describer.features) if f.line >= 0
        }

    # ----------------------------------------------------------------------------- observing

    def observe(self, window: Window) -> Judgement:
        """Judge a window, learn from it while learning; windows come in order of time."""
        memory = self._memory
        if memory.first_s is None:
            memory.first_s = window.t_s
        conditions = self._hold(window)
        row = self._describer.row(window, conditions)
        learning = self._is_learning(window)
        faults = self._sensors.look(window, learning=learning)
        features = Features(
            machine_id=self._machine.id, t_s=window.t_s, conditions=conditions,
            values=self._named(row),
        )  # fmt: skip
        vector = self._vector(conditions)
        if learning:
            if not faults and vector is not None:
                self._remember(row, vector)
            return self._said(window, features, "learning", 0.0)
        if self._baseline is None:
            self._finish_learning()
        if self._baseline is None or vector is None:
            return self._said(window, features, "unknown", 0.0)
        if self._sensors.stands_still(window):
            return self._said(window, features, "unknown", 0.0)
        if faults:
            return self._sensor_said(window, features, faults)
        return self._judge(window, features, row, vector)

    def fitted(self, component: str, t_s: float) -> None:  # noqa: ARG002
        """Forget the alarm memory of a replaced component; the learnt normal stays."""
        group = self._machine.group_of(component)
        memory = self._memory
        memory.episodes = [e for e in memory.episodes if e.component not in (*group, None)]
        memory.over = memory.waiting = 0
        self._average[:] = 0.0
        self._strength[:] = 0.0
        self._louder[:] = 0.0
        for name in group:
            memory.history.pop(name, None)
        self._paths.forget(
            at for at, s in enumerate(self._evidence.signatures) if s.component in group
        )

    def proof(self, component: str, since_s: float) -> tuple[int, float, float]:
        """Return how many windows since then, and the mean and greatest ratio of a component."""
        names = self._machine.group_of(component)
        found = [
            max(values)
            for values in zip(
                *(
                    [ratio for t_s, ratio in self._memory.history.get(name, []) if t_s >= since_s]
                    for name in names
                ),
                strict=False,
            )
        ]
        if not found:
            return 0, 0.0, 0.0
        return len(found), float(np.mean(found)), float(np.max(found))

    # ------------------------------------------------------------------------------ learning

    def _hold(self, window: Window) -> dict[str, float]:
        """Return the conditions of a window; one that said nothing keeps its last value."""
        held = self._memory.held
        for name in self._machine.conditions:
            values = window.scalars.get(name)
            if values is not None and np.isfinite(values).any():
                held[name] = float(np.nanmean(values))
        return dict(held)

    def _vector(self, conditions: Mapping[str, float]) -> Floats | None:
        names = self._machine.conditions
        if any(name not in conditions for name in names):
            return None
        return np.array([conditions[name] for name in names], np.float64)

    def _is_learning(self, window: Window) -> bool:
        memory = self._memory
        if memory.until_s is not None:
            return window.t_s < memory.until_s
        return window.t_s < (memory.first_s or 0.0) + self._machine.learn_s

    def _remember(self, row: Floats, vector: Floats) -> None:
        memory = self._memory
        if memory.windows % memory.stride == 0:
            self._rows.append(np.asarray(row, np.float32))  # as it is saved
            self._conditions.append(vector)
        memory.windows += 1
        if len(self._rows) * 4 * (len(row) + len(vector)) > MAX_LEARN_BYTES:
            self._rows, self._conditions = self._rows[::2], self._conditions[::2]
            memory.stride *= 2

    def _finish_learning(self) -> None:
        if len(self._rows) < MIN_LEARN_WINDOWS:
            return
        rows = np.array(self._rows, np.float64)
        self._baseline, left_out = learn(rows, np.array(self._conditions), self._floor(rows))
        evidence = np.array([self._evidence_of(row) for row in left_out])
        self._limits = learn_limits(evidence, WEIGHT)
        self._rows, self._conditions = [], []

    def _floor(self, rows: Floats) -> Floats:
        """Return the least spread that is believed: 5 % of power, 0.2 % of a level."""
        level = np.array([f.kind == "level" for f in self._describer.features], bool)
        return np.where(level, 0.002 * np.abs(medians(rows)) + 1e-6, 0.05)

    def _evidence_of(self, deviations: Floats) -> Floats:
        raised = self._evidence.raised(deviations)
        return np.append(raised, np.log(novelty(deviations[self._general]) + 0.05))

    # ------------------------------------------------------------------------------- judging

    def _judge(self, window: Window, features: Features, row: Floats, vector: Floats) -> Judgement:
        assert self._baseline is not None  # noqa: S101  # _observe has learnt it
        expected, spread = self._baseline.expected(vector)
        deviations = (row - expected) / spread
        self._average_in(deviations, row - expected)
        self._paths.add(window.t_s, self._evidence.levels(row - expected))
        scores = self._scores(deviations)
        closed = self._close(scores)
        opened, diagnosis = self._open(window, features, scores)
        self._note(window.t_s, scores)
        spoken = self._spoken(window, features, scores, diagnosis)
        return replace(spoken, opened=opened, closed=closed)

    def _average_in(self, deviations: Floats, louder: Floats) -> None:
        known = np.isfinite(deviations)
        step = np.where(known, np.clip(deviations, -_CLIP, _CLIP) - self._strength, 0.0)
        self._strength = self._strength + WEIGHT * np.nan_to_num(step)
        step = np.where(known, louder - self._louder, 0.0)
        self._louder = self._louder + WEIGHT * np.nan_to_num(step)

    def _scores(self, deviations: Floats) -> _Scores:
        assert self._limits is not None  # noqa: S101  # learnt together with the baseline
        limits = self._limits
        now = (self._evidence_of(deviations) - limits.mean) / limits.spread
        now = np.clip(now, -6.0, _CLIP)
        self._average = self._average + WEIGHT * (now - self._average)
        limit = LIMIT * _EWMA_SPREAD * limits.stretch
        twice = np.minimum(now, self._newest)  # plain in two windows: no need to wait
        self._newest = now
        self._average = np.where(
            twice > _PLAIN * limit, np.maximum(self._average, twice), self._average
        )
        ratios, raw = self._average / limit, now / limit
        return _Scores(
            raised=ratios[:-1], raw=raw[:-1], novel=float(ratios[-1]), novel_raw=float(raw[-1])
        )

    def _close(self, scores: _Scores) -> tuple[str, ...]:
        closed: list[str] = []
        for episode in list(self._memory.episodes):
            now, raw = self._of(episode.component, scores.raised), None
            raw = self._of(episode.component, scores.raw)
            if episode.component is None:
                now, raw = _worst(scores.raised, scores.novel), _worst(scores.raw, scores.novel_raw)
            episode.calm = episode.calm + 1 if now < _CLEAR_RATIO else 0
            episode.peak = max(now, episode.peak)
            episode.gone = episode.gone + 1 if raw < _GONE_RATIO * episode.peak else 0
            if episode.gone >= _GONE_WINDOWS:
                self._average *= _FORGET_RATIO
                self._strength *= _FORGET_RATIO
                self._newest[:] = 0.0
                self._memory.over = self._memory.waiting = 0
            if episode.calm >= _CLEAR_WINDOWS or episode.gone >= _GONE_WINDOWS:
                self._memory.episodes.remove(episode)
                closed.append(episode.component or "")
        return tuple(closed)

    def _of(self, component: str | None, ratios: Floats) -> float:
        if component is None:
            return 0.0
        group = self._machine.group_of(component)
        found = [
            ratios[at] for at, s in enumerate(self._evidence.signatures) if s.component in group
        ]
        return float(max(found, default=0.0))

    def _open(
        self, window: Window, features: Features, scores: _Scores
    ) -> tuple[tuple[Diagnosis, ...], Diagnosis | None]:
        memory = self._memory
        worst = _worst(scores.raised, scores.novel)
        memory.over = memory.over + 1 if worst > 1.0 else 0
        if worst <= _WATCH_RATIO:
            memory.waiting = 0
            return (), None
        ranked = rank(
            self._evidence, self._machine, self._strength / _EWMA_SPREAD, self._louder,
            scores.raised,
        )  # fmt: skip
        rates = shaft_rates_hz(self._machine, features.conditions)
        seen = Seen(
            louder_log=self._louder, strength=self._strength, rates_hz=rates,
            line_place=self._place, line_of=self._describer.line_of,
        )  # fmt: skip
        diagnosis = diagnosed(self._evidence, self._machine, window.t_s, ranked, seen)
        if memory.over < 2:
            return (), diagnosis
        return self._opened(diagnosis, scores, ranked, worst), diagnosis

    def _opened(
        self,
        diagnosis: Diagnosis,
        scores: _Scores,
        ranked: tuple[tuple[int, float, float], ...],
        worst: float,
    ) -> tuple[Diagnosis, ...]:
        memory = self._memory
        memory.waiting += 1
        if diagnosis.verdict is not None and is_sure(ranked) and scores.raised[ranked[0][0]] > 1.0:
            return self._begin(
                diagnosis, diagnosis.verdict.component, diagnosis.verdict.failure_mode
            )
        patience = _SHORT_PATIENCE if worst > _PLAIN_RATIO else _PATIENCE
        if memory.episodes or memory.waiting < patience:
            return ()
        nobody = Diagnosis(
            machine_id=diagnosis.machine_id, t_s=diagnosis.t_s, suspects=diagnosis.suspects
        )
        return self._begin(nobody, None, None)

    def _begin(
        self, diagnosis: Diagnosis, component: str | None, mode: str | None
    ) -> tuple[Diagnosis, ...]:
        episodes = self._memory.episodes
        group = self._machine.group_of(component) if component is not None else (None,)
        if any(episode.component in group for episode in episodes):
            return ()
        episodes[:] = [episode for episode in episodes if episode.component is not None]
        episodes.append(_Episode(component=component, mode=mode, opened_s=diagnosis.t_s))
        return (diagnosis,)

    # ------------------------------------------------------------------------------- telling

    def _note(self, t_s: float, scores: _Scores) -> None:
        for name, ratio in self._component_ratios(scores).items():
            history = self._memory.history.setdefault(name, [])
            history.append((t_s, round(ratio, 4)))
            del history[:-_HISTORY]

    def _component_ratios(self, scores: _Scores) -> dict[str, float]:
        ratios: dict[str, float] = {}
        for signature, ratio in zip(self._evidence.signatures, scores.raised, strict=True):
            value = max(0.0, float(ratio))
            ratios[signature.component] = max(value, ratios.get(signature.component, 0.0))
        return ratios

    def _spoken(
        self,
        window: Window,
        features: Features,
        scores: _Scores,
        diagnosis: Diagnosis | None,
    ) -> Judgement:
        score = _worst(scores.raised, scores.novel)
        episodes = self._memory.episodes
        named = [episode for episode in episodes if episode.component is not None]
        worst = max(named, key=lambda e: self._of(e.component, scores.raised), default=None)
        component = worst.component if worst else None
        alarm = bool(episodes) or self._memory.over >= 2
        state: State = "alarm" if alarm else "watch" if score > _WATCH_RATIO else "normal"
        health = Health(
            machine_id=self._machine.id, t_s=window.t_s, state=state, score_ratio=score,
            component=component, component_ratios=self._component_ratios(scores),
            false_cases_per_year=self._machine.policy.false_cases_per_year,
        )  # fmt: skip
        verdict = diagnosis.verdict if diagnosis is not None else None
        life = None
        if worst is not None and worst.component is not None:
            life = self._forecast(worst.component, worst.mode)
        elif verdict is not None:
            life = self._forecast(verdict.component, verdict.failure_mode)
        advice = None
        if diagnosis is not None and state != "normal":
            advice = advise(diagnosis, self._machine, life, is_alarm=alarm)
        return Judgement(
            window_t_s=window.t_s, features=features, health=health, diagnosis=diagnosis,
            forecast=life, advice=advice,
        )  # fmt: skip

    def _forecast(self, component: str, mode: str | None) -> Forecast:
        numbers = [
            at for at, s in enumerate(self._evidence.signatures)
            if s.component == component and mode in (s.mode, None)
        ]  # fmt: skip
        paths = [self._paths.of(number) for number in numbers]
        path = max(paths, key=lambda path: float(path.levels[-1]), default=self._paths.none())
        return forecast(self._machine.id, component, mode, path)

    def _said(self, window: Window, features: Features, state: State, score: float) -> Judgement:
        health = Health(
            machine_id=self._machine.id, t_s=window.t_s, state=state, score_ratio=score,
            learnt_ratio=self._learnt_ratio(window.t_s),
        )  # fmt: skip
        return Judgement(window_t_s=window.t_s, features=features, health=health)

    def _sensor_said(
        self, window: Window, features: Features, faults: Mapping[str, SensorFault]
    ) -> Judgement:
        sensor = next(iter(faults))
        health = Health(
            machine_id=self._machine.id, t_s=window.t_s, state="sensor-fault", score_ratio=0.0,
            sensor=sensor, sensor_fault=faults[sensor],
        )  # fmt: skip
        return Judgement(
            window_t_s=window.t_s, features=features, health=health, advice=advise_sensor(health)
        )

    def _learnt_ratio(self, t_s: float) -> float:
        if self._baseline is not None:
            return 1.0
        first_s = self._memory.first_s or 0.0
        until_s = self._memory.until_s
        whole_s = self._machine.learn_s if until_s is None else until_s - first_s
        return float(np.clip((t_s - first_s) / max(whole_s, 1e-9), 0.0, 1.0))

    def _named(self, row: Floats) -> dict[str, float]:
        """Return the features worth a name: moments, levels, and each signature's own level."""
        values = {
            f"{f.sensor}.{f.name}": float(row[at])
            for at, f in enumerate(self._describer.features)
            if f.kind in ("moment", "level") and np.isfinite(row[at])
        }
        weights = np.where(self._evidence.is_line, np.abs(self._evidence.templates), 0.0)
        sums = np.maximum(weights.sum(axis=1), 1e-12)
        found = weights @ np.nan_to_num(row) / sums
        values |= dict(zip(self._evidence.names, found.tolist(), strict=True))
        return values

    # -------------------------------------------------------------------------------- saving

    def state(self) -> bytes:
        """Return all that was learnt and is remembered, at most 1 MB."""
        memory = self._memory
        plain = {
            "version": STATE_VERSION, "until_s": memory.until_s, "first_s": memory.first_s,
            "held": memory.held, "windows": memory.windows, "stride": memory.stride,
            "over": memory.over, "waiting": memory.waiting, "history": memory.history,
            "episodes": [[e.component, e.mode, e.opened_s, e.calm, e.gone, e.peak]
                         for e in memory.episodes],
            "sensors": self._sensors.state(),
        }  # fmt: skip
        arrays: dict[str, Any] = {
            "average": self._average, "strength": self._strength, "louder": self._louder,
            "newest": self._newest, "paths": self._paths.plain(),
            "rows": np.array(self._rows, np.float32),
            "conditions": np.array(self._conditions, np.float64),
            "plain": np.frombuffer(json.dumps(plain).encode(), np.uint8),
        }  # fmt: skip
        if self._baseline is not None and self._limits is not None:
            arrays |= {f"baseline_{key}": value for key, value in self._baseline.plain().items()}
            arrays |= {f"limits_{key}": value for key, value in self._limits.plain().items()}
        out = io.BytesIO()
        np.savez(out, **arrays)
        return out.getvalue()

    @classmethod
    def resume(cls, machine: Machine, state: bytes) -> "Monitor":
        """Return a monitor that goes on where `state` was taken."""
        monitor = cls(machine)
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            arrays = {key: saved[key] for key in saved.files}
        plain = json.loads(arrays["plain"].tobytes())
        monitor._memory = _Memory(
            until_s=plain["until_s"], first_s=plain["first_s"], held=plain["held"],
            windows=plain["windows"], stride=plain["stride"], over=plain["over"],
            waiting=plain["waiting"],
            episodes=[_Episode(component=c, mode=m, opened_s=t, calm=a, gone=g, peak=p)
                      for c, m, t, a, g, p in plain["episodes"]],
            history={name: [(t, r) for t, r in rows] for name, rows in plain["history"].items()},
        )  # fmt: skip
        monitor._sensors.restore(plain["sensors"])
        monitor._average, monitor._strength = arrays["average"], arrays["strength"]
        monitor._louder, monitor._newest = arrays["louder"], arrays["newest"]
        monitor._paths = Paths.of_plain(arrays["paths"])
        monitor._rows = list(arrays["rows"])
        monitor._conditions = list(arrays["conditions"])
        if "limits_mean" in arrays:
            monitor._baseline = Baseline.of_plain(_under(arrays, "baseline_"))
            monitor._limits = Limits.of_plain(_under(arrays, "limits_"))
        return monitor


def _under(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key[len(prefix) :]: value for key, value in arrays.items() if key.startswith(prefix)}


def _worst(ratios: Floats, other: float) -> float:
    return float(max(other, np.max(ratios, initial=0.0), 0.0))
