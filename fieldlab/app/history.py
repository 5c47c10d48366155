"""What a machine showed of a part until it failed: hours, load, speed, and the life so far. Pure.

Values are those that were kept beside each judgement. What is not measured stays unknown.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldlab.core.machine import AnyComponent, Machine, turns_per_turn
from fieldlab.core.messages import Forecast, Window
from fieldlab.core.units import to_base
from partgen.engineering.checks import Duty
from partgen.engineering.life import exponent, rule_of
from partgen.proposal import Seen, Span

LOADS = ("torque", "power", "current")  # the best first
STANDSTILL_RATIO = 0.05  # of nominal speed
SURE_RATIO = 2.0  # of the band of a whole life: high over low
MOTOR_EFFICIENCY_RATIO = 0.75  # of a small motor, from memory; for a power sensor without a plate
Row = Mapping[str, Any]  # t_s, conditions, loads


def loads_of(machine: Machine, window: Window) -> dict[str, float]:
    """Return the means of the sensors that say how hard the machine works, in their units."""
    found = {}
    for name, spec in machine.sensors.items():
        values = window.scalars.get(name)
        if spec.quantity in LOADS and values is not None:
            known = [float(value) for value in values if value == value]  # noqa: PLR0124 - NaN
            if known:
                found[name] = statistics.fmean(known)
    return found


def seen_of(  # noqa: PLR0913
    machine: Machine,
    component: str,
    failure_mode: str | None,
    *,
    rows: Sequence[Row],
    born_s: float,
    opened_s: float,
    forecast: Forecast | None,
) -> Seen:
    """Return what the machine showed of a part that was fitted at `born_s`.

    Parameters
    ----------
    rows
        Judgements of the whole history, oldest first; also those before the part was fitted.
    forecast
        What was left of its life at the alarm, None if nobody knew.
    """
    own = [row for row in rows if born_s <= row["t_s"] <= opened_s] or list(rows)
    running = _running_ratio(machine, component, own)
    age_h = max(0.0, opened_s - born_s) / 3600 * running
    return Seen(
        failure_mode=failure_mode,
        age_h=age_h,
        life=_life(age_h, forecast, running),
        duty=duty_of(machine, component, own),
        load_ratio=_load_ratio(machine, failure_mode, own, rows),
    )


def _life(age_h: float, forecast: Forecast | None, running: float) -> Span | None:
    """Return the whole life, where the forecast is sure of it; right after an alarm it seldom is.

    `fieldlab bench redesign` with the forecasts of that moment promised a fifth of the lives that
    came; what is compared then is the time until the alarm, which is known.
    """
    if forecast is None or forecast.remaining_s is None or age_h <= 0:
        return None
    low_s = forecast.low_s if forecast.low_s is not None else forecast.remaining_s
    high_s = forecast.high_s if forecast.high_s is not None else forecast.remaining_s
    if age_h + high_s / 3600 * running > SURE_RATIO * (age_h + low_s / 3600 * running):
        return None
    return Span(
        value_h=age_h + forecast.remaining_s / 3600 * running,
        low_h=age_h + low_s / 3600 * running,
        high_h=age_h + high_s / 3600 * running,
    )


def duty_of(machine: Machine, component: str, rows: Sequence[Row]) -> Duty:
    """Return the mean load of a component, as far as the sensors and the motor's plate tell."""
    part = machine.components[component]
    torque_nm = _mean(_torques_nm(machine, part, rows))
    mate = machine.components.get(getattr(part, "mates", None) or "")
    ambient = [
        name for name in machine.conditions if machine.sensors[name].quantity == "temperature"
    ]
    return Duty(
        torque_nm=torque_nm,
        speed_rpm=_mean(_speeds_rpm(machine, part, rows)) or _nominal_rpm(machine, part),
        ambient_degc=_mean(_values(rows, ambient[0])) if ambient else None,
        mate_teeth=getattr(mate, "teeth", None),
        lubrication=getattr(part, "lubrication", None),
    )


def _torques_nm(machine: Machine, part: AnyComponent, rows: Sequence[Row]) -> Iterator[float]:
    """Yield the torque on the component's shaft; losses on the way there are left out."""
    if part.shaft is None:
        return
    root, turns = turns_per_turn(machine.shafts, part.shaft)
    plate, signal = machine.shafts[root], _signal(machine)
    if signal is None:
        return
    spec = machine.sensors[signal]
    for row in rows:
        value = row["loads"].get(signal)
        if value is None:
            continue
        value *= to_base(spec.quantity, spec.unit)
        rate_hz = _rate_hz(machine, root, row)
        if spec.quantity == "torque":
            yield value / turns
        elif spec.quantity == "power" and rate_hz:
            yield MOTOR_EFFICIENCY_RATIO * value / (6.283185 * rate_hz) / turns
        elif plate.rated_power_kw and plate.rated_current_a and plate.nominal_rpm:
            # Load = I / I_rated (U.S. Department of Energy, Determining Electric Motor Load and
            # Efficiency: for more than half load).
            rated_nm = plate.rated_power_kw * 1000 / (6.283185 * plate.nominal_rpm / 60)
            yield rated_nm * value / plate.rated_current_a / turns


def _signal(machine: Machine) -> str | None:
    """Return the sensor that says best how hard the machine works."""
    for quantity in LOADS:
        for name, spec in machine.sensors.items():
            if spec.quantity == quantity and not spec.is_wave:
                return name
    return None


def _load_ratio(
    machine: Machine, failure_mode: str | None, own: Sequence[Row], rows: Sequence[Row]
) -> float:
    """Return the load to come (that of the whole history) over the load that the part saw.

    Loads are averaged as damage: the mean of their power (Palmgren 1924; Miner 1945).
    """
    rule = rule_of(failure_mode)
    power = exponent(rule) if rule else 1.0
    signal = _signal(machine)
    conditions = [name for name in machine.conditions if machine.sensors[name].quantity == "load"]
    for name in (*([signal] if signal else []), *conditions):
        mine = _equal(list(_values(own, name)), power)
        usual = _equal(list(_values(rows, name)), power)
        if mine and usual:
            return usual / mine
    return 1.0


def _equal(values: Sequence[float], power: float) -> float:
    """Return the steady load that does the same damage as these."""
    if not values:
        return 0.0
    return float(statistics.fmean(abs(value) ** power for value in values) ** (1 / power))


def _running_ratio(machine: Machine, component: str, rows: Sequence[Row]) -> float:
    """Return the share of the time that the component turns; 1 where no speed is measured."""
    part = machine.components[component]
    speeds, nominal = list(_speeds_rpm(machine, part, rows)), _nominal_rpm(machine, part)
    if not speeds or not nominal:
        return 1.0
    return sum(speed > STANDSTILL_RATIO * nominal for speed in speeds) / len(speeds)


def _speeds_rpm(machine: Machine, part: AnyComponent, rows: Sequence[Row]) -> Iterator[float]:
    if part.shaft is None:
        return
    root, turns = turns_per_turn(machine.shafts, part.shaft)
    for row in rows:
        rate_hz = _rate_hz(machine, root, row)
        if rate_hz is not None:
            yield 60 * rate_hz * turns


def _rate_hz(machine: Machine, shaft: str, row: Row) -> float | None:
    sensor = machine.shafts[shaft].speed
    value = row["conditions"].get(sensor) if sensor else None
    if value is None or sensor is None:
        return None
    spec = machine.sensors[sensor]
    return float(value) * to_base(spec.quantity, spec.unit)


def _nominal_rpm(machine: Machine, part: AnyComponent) -> float | None:
    if part.shaft is None:
        return None
    root, turns = turns_per_turn(machine.shafts, part.shaft)
    nominal = machine.shafts[root].nominal_rpm
    return None if nominal is None else nominal * turns


def _values(rows: Sequence[Row], name: str) -> Iterator[float]:
    for row in rows:
        value = row["loads"].get(name, row["conditions"].get(name))
        if value is not None and value == value:  # noqa: PLR0124 - NaN
            yield float(value)


def _mean(values: Iterator[float]) -> float | None:
    found = list(values)
    return statistics.fmean(found) if found else None
