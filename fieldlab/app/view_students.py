"""What students see: what arrives, one sensor live beside the machine's own lines, recordings."""

import math
from typing import Any, Literal

import numpy as np

from analytics.features.spectra import envelope_spectrum
from analytics.features.velocity import VELOCITY, zone_of
from analytics.kinematics import shaft_rates_hz
from analytics.lines import NamedLine, named_lines
from fieldlab.app.gauging import Gauge
from fieldlab.app.naming import LOGS, shown_features, unit_of
from fieldlab.app.own_table import columns_of, sheet_of, text_of
from fieldlab.app.patients import Patient
from fieldlab.app.showing import HIGHEST_HZ, NARROWEST_HZ, POINTS, pooled, spectrum
from fieldlab.app.store import Record
from fieldlab.app.view_base import ViewBase
from fieldlab.core.codec import encode_meta
from fieldlab.core.errors import InputError, RefusedError
from fieldlab.core.machine import SensorSpec, parse_machine
from fieldlab.core.messages import Meta, Reason, Samples, Window
from fieldlab.core.phrases.say import LANGUAGES, say
from fieldlab.core.plan import Plan
from fieldlab.core.topics import Topic

SPREADS = 3.0  # on each side: where a feature is found in normal times
PAGE_NODE = "page"


class StudentView(ViewBase):
    """Answers about sensors, one by one."""

    def arriving(self) -> list[Record]:
        """Return what arrives on the bus, newest first, also of machines that nobody knows."""
        return self.ingest.arrivals.records(self._spec_of, self.room.clock.now_s())

    def _spec_of(self, machine_id: str, sensor: str) -> tuple[SensorSpec | None, bool]:
        """Return what a machine file says of a sensor, and whether it runs in its own time."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None, False
        return patient.machine.sensors.get(sensor), bool(patient.record.get("simulated"))

    def broker(self) -> Record:
        """Return where devices reach the bus."""
        return {**self.address, "site": self.site}

    def introduce(self, text: str, by: str) -> str:  # noqa: ARG002 - the file signs nobody
        """Take up a machine whose file a person wrote; return its id.

        Raises
        ------
        MachineFileError
            If the file is wrong.
        RefusedError
            If there is such a machine already.
        """
        machine = parse_machine(text)
        if machine.id in self.ingest.patients:
            raise RefusedError(
                f"there is a machine '{machine.id}'; change its file on its own page"
            )
        file = machine.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        meta = Meta(machine={"fieldlab": 1, **file}, sensors=())
        topic = Topic(site=self.site, machine=machine.id, node=PAGE_NODE, kind="meta")
        self.hear(str(topic), encode_meta(meta))
        return machine.id

    def record(self, machine_id: str, seconds: float) -> bytes | None:
        """Return a recording (zip) of the next seconds, None without the machine."""
        patient = self.ingest.patients.get(machine_id)
        if patient is None:
            return None
        return self.ingest.tapes.record(machine_id, patient.record["file"], seconds)

    def look_at_table(self, data: bytes) -> Record:
        """Return what the columns of a table look like; raises RecordingError."""
        return columns_of(sheet_of(text_of(data)))

    def begin_backtest(self, kind: Literal["csv", "zip"], data: bytes, plan: Plan) -> Record:
        """Queue a backtest and return where it stands.

        Raises
        ------
        InputError
            If the plan names a machine that there is not.
        RefusedError
            If too many wait.
        """
        known = None
        if plan.machine is not None:
            patient = self.ingest.patients.get(plan.machine)
            if patient is None:
                raise InputError(f"machine: there is no machine '{plan.machine}'")
            known = patient.record["file"]
        run_id = self.backtests.begin(kind, data, plan, known)
        return self.backtests.record(run_id) or {"id": run_id}

    def backtest(self, run_id: str) -> Record | None:
        """Return where a backtest stands and what it found, None if it is not known."""
        return self.backtests.record(run_id)

    def sensor(self, machine_id: str, sensor: str, top_hz: float | None) -> Record | None:
        """Return one sensor live: signal, spectra, the machine's lines, features and normal."""
        patient = self.ingest.patients.get(machine_id)
        spec = None if patient is None else patient.machine.sensors.get(sensor)
        if patient is None or spec is None:
            return None
        gauge = self.ingest.arrivals.gauges(machine_id).get(sensor, Gauge())
        own_time = bool(patient.record.get("simulated"))
        found: Record = {
            "machine_id": machine_id, "sensor": sensor, "unit": spec.unit,
            "quantity": spec.quantity, "is_wave": spec.is_wave, "t_s": None, "wave": None,
            "spectrum": None, "envelope": None, "values": [], "lines": [], "features": [],
            "evidence": [], "state": None, "learnt_ratio": None, "is_condition": spec.is_condition,
            **gauge.record(spec, self.room.clock.now_s(), own_time=own_time),
        }  # fmt: skip
        window, latest = patient.window, patient.latest
        if window is None or latest is None:
            return found
        found |= {"t_s": window.t_s, "state": latest.health.state,
                  "learnt_ratio": latest.health.learnt_ratio,
                  "features": _features(patient, sensor),
                  "evidence": _evidence(patient, sensor)}  # fmt: skip
        return found | _signal(patient, window, sensor, top_hz)


def _signal(patient: Patient, window: Window, sensor: str, top_hz: float | None) -> Record:
    wave = window.waves.get(sensor)
    if wave is None:
        values = window.scalars.get(sensor)
        known = [] if values is None else [float(one) for one in values[-POINTS:]]
        return {"values": [one for one in known if math.isfinite(one)]}
    conditions = {} if patient.latest is None else patient.latest.features.conditions
    lines = named_lines(patient.machine, sensor, shaft_rates_hz(patient.machine, conditions))
    samples = np.asarray(wave.samples, np.float64)
    wide_hz = min(top_hz or _reach_hz(lines, is_envelope=False), wave.rate_hz / 2)
    slow_hz = min(top_hz or _reach_hz(lines, is_envelope=True), wave.rate_hz / 2)
    return {
        "wave": {"rate_hz": wave.rate_hz, "samples": samples[:POINTS].round(5).tolist()},
        "spectrum": spectrum(samples, wave.rate_hz, wide_hz),
        "envelope": _envelope(samples, wave.rate_hz, slow_hz),
        "lines": [_line(line) for line in lines],
    }


def _reach_hz(lines: tuple[NamedLine, ...], *, is_envelope: bool) -> float:
    """Return how far to look: past the highest of the machine's own lines."""
    mine = [line.frequency_hz for line in lines if line.is_envelope == is_envelope]
    top_hz = 1.5 * max(mine, default=0.0)
    return float(np.clip(100 * np.ceil(top_hz / 100), NARROWEST_HZ, HIGHEST_HZ))


def _envelope(samples: Samples, rate_hz: float, top_hz: float) -> Record:
    """Return the spectrum of the envelope as the judge computes it, of mean square one."""
    if len(samples) < 8:
        return {"hz_per_bin": 1.0, "magnitudes": []}
    rest = np.asarray(samples - samples.mean(), np.float64)
    heights = np.sqrt(2 * envelope_spectrum(rest, len(rest) // 2 + 1))
    heights[:2] = 0.0  # what is left of the mean
    return pooled(heights, rate_hz / len(samples), top_hz)


def _line(line: NamedLine) -> Record:
    key = Reason(key=f"mark-{line.place}")
    return {
        "frequency_hz": round(line.frequency_hz, 3), "order": round(line.order, 4),
        "shaft": line.shaft, "is_envelope": line.is_envelope, "components": line.components,
        "modes": line.modes, "name": {language: say(key, language) for language in LANGUAGES},
    }  # fmt: skip


def _features(patient: Patient, sensor: str) -> list[Record]:
    """Return the named features of a sensor, and between which values they are in normal times."""
    latest = patient.latest
    values = {} if latest is None else shown_features(latest.features.values)
    normal = patient.monitor.normal()
    found = []
    for name, value in values.items():
        if name.rpartition(".")[0] != sensor:
            continue
        what = name.rpartition(".")[2]
        low, high = _band(normal.get(name), is_log=what in LOGS)
        unit = unit_of(patient.machine, name)
        zone = zone_of(patient.machine, value) if what == VELOCITY else None
        found.append({"name": what, "series": f"feature.{name}", "value": value, "low": low,
                      "high": high, "unit": unit, "zone": zone})  # fmt: skip
    return found


def _band(normal: tuple[float, float] | None, *, is_log: bool) -> tuple[Any, Any]:
    if normal is None:
        return None, None
    ends = (normal[0] - SPREADS * normal[1], normal[0] + SPREADS * normal[1])
    return (math.exp(min(ends[0], 700.0)), math.exp(min(ends[1], 700.0))) if is_log else ends


def _evidence(patient: Patient, sensor: str) -> list[Record]:
    """Return the evidence against its limit of each component that this sensor hears."""
    latest, machine = patient.latest, patient.machine
    if latest is None:
        return []
    near = machine.sensors[sensor].near
    heard = {
        name for name, part in machine.components.items()
        if sensor in part.near or name in near or not (part.near or near)
    }  # fmt: skip
    ratios = latest.health.component_ratios
    found = [{"component": name, "ratio": float(ratios[name])} for name in ratios if name in heard]
    return sorted(found, key=lambda one: -float(one["ratio"]))
