"""One machine under watch: windows to judgements, in order; its state can be saved and resumed."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from analytics.advice import advise, advise_sensor
from analytics.alarms import WATCH_RATIO, Alarms, Scores
from analytics.describe import Describer
from analytics.features.spectra import Floats
from analytics.features.velocity import VELOCITY, velocity_of
from analytics.judgement import Judgement
from analytics.kinematics import shaft_rates_hz
from analytics.learning import Learning
from analytics.process_judge import ProcessJudge, ProcessSaid
from analytics.sensors import SensorWatch
from analytics.wave_judge import WaveJudge, under
from fieldlab.core.errors import StateError
from fieldlab.core.machine import Machine
from fieldlab.core.messages import (
    Diagnosis,
    Features,
    Forecast,
    Health,
    SensorFault,
    State,
    Window,
)

STATE_VERSION = 7
# Until a forecast is worked out again: windows, or of the least time that is left.
_RENEW_WINDOWS, _RENEW_SHARE = 4, 0.02


@dataclass(slots=True, kw_only=True)
class _Memory:
    """What changes from window to window beside what is learnt and judged."""

    until_s: float | None = None
    first_s: float | None = None
    held: dict[str, float] = field(default_factory=dict)
    life: Forecast | None = None
    life_windows: int = 0  # since it was worked out


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
        self._sensors = SensorWatch(machine.sensors)
        self._learning = Learning()
        self._judge = WaveJudge(machine, self._describer)
        self._alarms = Alarms(machine)
        self._process = ProcessJudge(machine) if judges_by_numbers(self._describer) else None
        self._memory = _Memory(until_s=healthy_until_s)

    # ----------------------------------------------------------------------------- observing

    def observe(self, window: Window) -> Judgement:
        """Judge a window, learn from it while learning; windows come in order of time."""
        if self._memory.first_s is None:
            self._memory.first_s = window.t_s
        conditions = self._hold(window)
        row = self._describer.row(window, conditions)
        learning = self._is_learning(window)
        faults = self._sensors.look(window, learning=learning)
        features = Features(
            machine_id=self._machine.id, t_s=window.t_s, conditions=conditions,
            values=self._judge.named(row) | self._velocities(window),
        )  # fmt: skip
        vector = self._vector(conditions)
        if self._process is not None:
            return self._by_numbers(self._process, window, features, vector, faults)
        return self._by_waves(window, features, row, vector, faults)

    def _by_waves(
        self,
        window: Window,
        features: Features,
        row: Floats,
        vector: Floats | None,
        faults: Mapping[str, SensorFault],
    ) -> Judgement:
        if self._is_learning(window):
            if not faults and vector is not None:
                self._learning.add(window.t_s, row, vector)
            return self._said(window, features, "learning")
        if not self._judge.is_ready:
            self._judge.learn(self._learning)
        if not self._judge.is_ready or vector is None or self._sensors.stands_still(window):
            return self._said(window, features, "unknown")
        faults = faults or dict.fromkeys(self._judge.swapped(row, vector), "swapped")
        faults = faults or dict.fromkeys(self._judge.moved(row, vector), "moved")
        if faults:
            return self._sensor_said(window, features, faults)
        return self._judged(window, features, row, vector)

    def normal(self) -> dict[str, tuple[float, float]]:
        """Return what each named feature should be under the present conditions, and its spread.

        Empty while it is not learnt, and for a machine that is judged by numbers alone.
        """
        vector = self._vector(self._memory.held)
        return {} if vector is None else self._judge.normal(vector)

    def fitted(self, component: str, t_s: float) -> None:  # noqa: ARG002
        """Forget the alarm memory of a replaced component; the learnt normal stays."""
        group = self._machine.group_of(component)
        if self._process is not None:
            self._process.fitted()
        self._memory.life = None
        self._alarms.fitted(group)
        self._judge.fitted(group)

    def _by_numbers(
        self,
        process: ProcessJudge,
        window: Window,
        features: Features,
        vector: Floats | None,
        faults: Mapping[str, SensorFault],
    ) -> Judgement:
        """Judge a window of a machine without waveforms; a sick sensor does not blind the rest."""
        if self._is_learning(window):
            if not faults and vector is not None:
                process.remember(window, vector)
            return self._said(window, features, "learning")
        if not process.is_ready:
            process.finish()
        if vector is None or not process.is_ready:
            return self._said(window, features, "unknown")
        sensors = self._sensors
        found = process.step(
            window, vector, mute=sensors.repeating() | set(faults), coarse=sensors.coarse()
        )
        if faults and found.state != "alarm":
            spoken = self._sensor_said(window, features, faults)
        else:
            budget = process.supported_per_year
            spoken = self._said_by_numbers(window, features, found, budget)
        return replace(spoken, opened=found.opened, closed=found.closed)

    def _said_by_numbers(
        self, window: Window, features: Features, found: ProcessSaid, budget: float | None
    ) -> Judgement:
        health = Health(
            machine_id=self._machine.id, t_s=window.t_s, state=found.state,
            score_ratio=found.ratio, component=found.component, component_ratios=found.ratios,
            false_cases_per_year=budget,
        )  # fmt: skip
        advice = None
        if found.diagnosis is not None:
            is_alarm = found.state == "alarm"
            advice = advise(found.diagnosis, self._machine, None, is_alarm=is_alarm)
        return Judgement(
            window_t_s=window.t_s, features=features, health=health, diagnosis=found.diagnosis,
            advice=advice,
        )  # fmt: skip

    def _velocities(self, window: Window) -> dict[str, float]:
        """Return the RMS velocity at each accelerometer; no limit of ours hangs on it."""
        found = {
            name: velocity_of(self._machine.sensors[name], wave.samples, wave.rate_hz)
            for name, wave in window.waves.items()
        }
        return {f"{name}.{VELOCITY}": value for name, value in found.items() if value is not None}

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
        until_s, first_s = self._memory.until_s, self._memory.first_s or 0.0
        return window.t_s < (first_s + self._machine.learn_s if until_s is None else until_s)

    # ------------------------------------------------------------------------------- telling

    def _judged(self, window: Window, features: Features, row: Floats, vector: Floats) -> Judgement:
        scores = self._judge.judge(window.t_s, row, vector, is_alarm=self._alarms.is_alarm)
        closed, gone = self._alarms.close(scores, self._judge.ratio_of)
        if gone:
            self._judge.forget()
            scores = self._judge.scores()
        rates_hz = shaft_rates_hz(self._machine, features.conditions)
        diagnosis, sure = self._judge.diagnose(window, scores, rates_hz)
        self._alarms.count(window.t_s, scores)
        opened: tuple[Diagnosis, ...] = ()
        if diagnosis is not None:
            opened = self._alarms.begin(diagnosis, sure=sure, worst=scores.worst)
        health = self._health(window, scores)
        life = self._life(window.t_s, scores, diagnosis)
        advice = None
        if diagnosis is not None and health.state != "normal":
            advice = advise(diagnosis, self._machine, life, is_alarm=health.state == "alarm")
        return Judgement(
            window_t_s=window.t_s, features=features, health=health, diagnosis=diagnosis,
            forecast=life, advice=advice, opened=opened, closed=closed,
        )  # fmt: skip

    def _health(self, window: Window, scores: Scores) -> Health:
        state: State = "normal" if scores.worst <= WATCH_RATIO else "watch"
        state = "alarm" if self._alarms.is_alarm else state
        worst = self._worst_named(scores)
        return Health(
            machine_id=self._machine.id, t_s=window.t_s, state=state, score_ratio=scores.worst,
            component=worst[0] if worst else self._judge.nearest() if state == "alarm" else None,
            component_ratios=self._judge.component_ratios(scores),
            false_cases_per_year=self._judge.supported_per_year,
        )  # fmt: skip

    def _worst_named(self, scores: Scores) -> tuple[str, str | None] | None:
        """Return the component and mode of the named alarm that is raised most."""
        named = [(e.component, e.mode) for e in self._alarms.episodes if e.component is not None]
        return max(named, key=lambda one: self._judge.ratio_of(one[0], scores.raised), default=None)

    def _life(self, t_s: float, scores: Scores, diagnosis: Diagnosis | None) -> Forecast | None:
        """Return how long the worst will last, worked out again when some of it has passed."""
        worst = self._worst_named(scores)
        if worst is None and diagnosis is not None and diagnosis.verdict is not None:
            worst = diagnosis.verdict.component, diagnosis.verdict.failure_mode
        if worst is None:
            return None
        memory, kept = self._memory, self._memory.life
        memory.life_windows += 1
        if kept is None or (kept.component, kept.failure_mode) != worst or not self._is_fresh(t_s):
            memory.life, memory.life_windows = self._judge.forecast(*worst), 0
        return memory.life

    def _is_fresh(self, t_s: float) -> bool:
        """Whether next to nothing of what the forecast says has passed since it was worked out."""
        known, windows = self._memory.life, self._memory.life_windows
        if known is None or known.low_s is None:
            return False
        return windows < _RENEW_WINDOWS or t_s - known.t_s < _RENEW_SHARE * known.low_s

    def _said(self, window: Window, features: Features, state: State) -> Judgement:
        health = Health(
            machine_id=self._machine.id, t_s=window.t_s, state=state, score_ratio=0.0,
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
        if (self._process or self._judge).is_ready:
            return 1.0
        first_s, until_s = self._memory.first_s or 0.0, self._memory.until_s
        whole_s = self._machine.learn_s if until_s is None else until_s - first_s
        return float(np.clip((t_s - first_s) / max(whole_s, 1e-9), 0.0, 1.0))

    # -------------------------------------------------------------------------------- saving

    def state(self) -> bytes:
        """Return all that was learnt and is remembered, at most 1 MB."""
        memory = self._memory
        plain = {
            "version": STATE_VERSION, "until_s": memory.until_s, "first_s": memory.first_s,
            "held": memory.held, "alarms": self._alarms.plain(), "sensors": self._sensors.state(),
            "process": None if self._process is None else self._process.plain(),
            "life": None if memory.life is None else asdict(memory.life),
            "life_windows": memory.life_windows,
        }  # fmt: skip
        arrays = {f"learning_{key}": value for key, value in self._learning.plain().items()}
        arrays |= {f"judge_{key}": value for key, value in self._judge.plain().items()}
        if self._process is not None:
            arrays |= {f"process_{key}": value for key, value in self._process.arrays().items()}
        out = io.BytesIO()
        np.savez(out, plain=np.frombuffer(json.dumps(plain).encode(), np.uint8), **arrays)
        return out.getvalue()

    @classmethod
    def resume(cls, machine: Machine, state: bytes) -> "Monitor":
        """Return a monitor that goes on where `state` was taken.

        Raises
        ------
        StateError
            If another version of this program saved it.
        """
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            arrays = {key: saved[key] for key in saved.files}
        plain = json.loads(arrays["plain"].tobytes())
        if plain.get("version") != STATE_VERSION:
            raise StateError(f"saved by version {plain.get('version')}, this is {STATE_VERSION}")
        monitor = cls(machine, healthy_until_s=plain["until_s"])
        monitor._memory.first_s, monitor._memory.held = plain["first_s"], plain["held"]
        monitor._memory.life = None if plain["life"] is None else Forecast(**plain["life"])
        monitor._memory.life_windows = plain["life_windows"]
        monitor._alarms.restore(plain["alarms"])
        monitor._sensors.restore(plain["sensors"])
        monitor._learning.restore(under(arrays, "learning_"))
        monitor._judge.restore(under(arrays, "judge_"))
        if monitor._process is not None:
            monitor._process.restore(under(arrays, "process_"), plain["process"])
        return monitor


def judges_by_numbers(describer: Describer) -> bool:
    """Whether a machine has sensors that judge it, and none of them gives waveforms."""
    return not describer.wave_sensors and bool(describer.scalar_sensors)
