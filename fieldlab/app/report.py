"""What a backtest says to people: a picture, and one honest page."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from analytics.backtest import Backtest, CaseRow, Shot
from analytics.features.velocity import zone_of
from fieldlab.app.counting import most_per_1000_h, usual_s
from fieldlab.app.svg import Chart, picture
from fieldlab.core.machine import Machine
from fieldlab.core.phrases.say import say

_SHADES = {"learning": "#eef3fb", "alarm": "#fbe3e0", "sensor-fault": "#f3e8fb",
           "unknown": "#eeeeee", "watch": "#fdf5dc"}  # fmt: skip
_HIGHEST_SCORE = 12.0
_JUDGED = ("normal", "watch", "alarm")
ENOUGH_H = 100.0  # hours judged, before a rate of false cases means much


def drawn(machine: Machine, result: Backtest) -> str:
    """Return the picture as SVG: health over time with its limit, the first verdict's spectrum."""
    charts = [_health_chart(machine, result)] if result.health else []
    charts += [_spectrum_chart(shot) for shot in result.shots[:1]]
    return picture(charts)


def _health_chart(machine: Machine, result: Backtest) -> Chart:
    times_h = np.array([row.time_s / 3600 for row in result.health], np.float64)
    times_h = times_h - times_h[0]
    scores = np.array([min(row.score, _HIGHEST_SCORE) for row in result.health], np.float64)
    chart = Chart(
        title=f"{machine.id}: health over time (above 1 is not its own normal)",
        x_name="hours of event time", y_name="score / limit",
        x_range=(0.0, max(float(times_h[-1]), 1e-3)), y_range=(0.0, max(2.0, float(scores.max()))),
    )  # fmt: skip
    for first, last, state in _stretches([row.state for row in result.health]):
        if state in _SHADES:
            end = times_h[min(last + 1, len(times_h) - 1)]
            chart.band(float(times_h[first]), float(end), _SHADES[state])
    chart.line(times_h, scores, "#1f5fa8")
    chart.level(1.0, "limit", "#b3261e")
    begin_s = result.health[0].time_s
    for number, case in enumerate(result.cases[:12]):
        at_h = (case.opened_s - begin_s) / 3600
        chart.mark(at_h, case.component or "unknown", "#b3261e", row=number % 4)
    return chart


def _spectrum_chart(shot: Shot) -> Chart:
    samples = np.asarray(shot.samples, np.float64)
    centred = (samples - samples.mean()) * np.hanning(len(samples))
    magnitudes = np.asarray(np.abs(np.fft.rfft(centred)) * 4 / len(samples), np.float64)
    frequencies_hz = np.arange(len(magnitudes), dtype=np.float64) * shot.rate_hz / len(samples)
    marked_hz = [mark.frequency_hz for mark in shot.marks]
    highest_hz = min(shot.rate_hz / 2, max([1.3 * hz for hz in marked_hz], default=shot.rate_hz))
    shown = frequencies_hz <= highest_hz
    chart = Chart(
        title=f"{shot.component}: {shot.failure_mode or 'changed'}, at sensor {shot.sensor}",
        x_name="Hz", y_name=shot.unit,
        x_range=(0.0, highest_hz),
        y_range=(0.0, 1.1 * float(magnitudes[shown].max()) + 1e-12),
    )  # fmt: skip
    chart.line(np.asarray(frequencies_hz[shown], np.float64), magnitudes[shown], "#1f5fa8")
    for number, mark in enumerate(shot.marks):
        chart.mark(mark.frequency_hz, mark.name, "#b3261e", row=number % 6)
    return chart


def _stretches(states: list[str]) -> Iterator[tuple[int, int, str]]:
    first = 0
    for at in range(1, len(states) + 1):
        if at == len(states) or states[at] != states[first]:
            yield first, at - 1, states[first]
            first = at


def summary(machine: Machine, result: Backtest) -> str:
    """Return one page in Markdown: how long it learnt, what it found, how sure it can be."""
    name = (machine.name or {}).get("en", machine.id)
    lines = [f"# {name}: what this recording says", ""]
    lines += [*_learning(machine, result), "", *_judging(result), ""]
    lines += [*_cases(result.cases), "", *_shaking(machine, result)]
    lines += [*_certainty(machine, result), ""]
    return "\n".join(lines)


def _learning(machine: Machine, result: Backtest) -> list[str]:
    learning = [row for row in result.health if row.state == "learning"]
    lines = ["## What it learnt from", ""]
    if not learning:
        return [*lines, "Not enough data: nothing was recorded before the end of the learning."]
    span_s = learning[-1].time_s - learning[0].time_s
    lines.append(
        f"{len(learning)} windows of {machine.window_s:g} s over {_duration(span_s)} of healthy"
        " running, on this machine alone."
    )
    if not judged_windows(result):
        lines.append(
            "\n**Not enough data.** That was too little to learn what is normal; nothing was"
            " judged. Record a longer healthy stretch."
        )
    return lines


def _judging(result: Backtest) -> list[str]:
    counts = Counter(row.state for row in result.health)
    total = max(1, len(result.health))
    lines = ["## What it said", "", "| state | windows | share |", "| --- | --- | --- |"]
    lines += [f"| {state} | {count} | {count / total:.1%} |" for state, count in counts.items()]
    if counts["unknown"]:
        lines.append(
            "\n*unknown*: the machine stood still, or ran in a way that was not seen in learning;"
            " nothing is said of these windows."
        )
    return lines


def _cases(cases: tuple[CaseRow, ...]) -> list[str]:
    if not cases:
        return ["## Cases", "", "None."]
    lines = ["## Cases", ""]
    for case in cases:
        what = f"{case.component}: {case.failure_mode}" if case.component else "nobody is blamed"
        until = "still open at the end" if case.closed_s is None else f"until {case.closed_s:.0f} s"
        sure = f", {case.confidence:.0%} sure" if case.component else ""
        lines.append(f"- from {case.opened_s:.0f} s, {until}: **{what}**{sure}; do: {case.action}")
        lines += [f"  - {say(reason)}" for reason in case.evidence]
    return lines


def _shaking(machine: Machine, result: Backtest) -> list[str]:
    """Return the RMS velocity of each accelerometer with its zone, for who knows the standard."""
    if not result.velocity_mmps:
        return []
    lines = ["## How hard it shakes", "", "Information only: no alarm hangs on it.", ""]
    for sensor, velocity in result.velocity_mmps.items():
        zone = zone_of(machine, velocity)
        told = f"zone {zone} of ISO 20816" if zone else "no zone: give `rated_power_kw` of a shaft"
        lines.append(f"- {sensor}: {velocity:.2f} mm/s RMS in the median (10 to 1,000 Hz), {told}")
    return [*lines, ""]


def _certainty(machine: Machine, result: Backtest) -> list[str]:
    lines = ["## How sure it can be", ""]
    judged = judged_windows(result)
    if not judged:
        return [*lines, "Not at all: not enough data."]
    asked = machine.policy.false_cases_per_year
    supported = result.false_cases_per_year or asked
    lines.append(f"Asked for: at most {asked:g} false cases a year.")
    if supported > 1.01 * asked:
        lines.append(
            "The learning stretch is too short for that: with limits that still show real faults"
            f" it supports {_number(supported)} a year, and that was used. A longer healthy"
            " stretch, or longer windows, bring it down."
        )
    else:
        lines.append("The learning stretch supports that.")
    hours = judged * usual_s([row.time_s for row in result.health]) / 3600
    bound = most_per_1000_h(len(result.cases), hours) or float("inf")
    lines.append(
        f"\nJudged were {hours:.2f} hours, with {len(result.cases)} cases. Were all of them false,"
        f" the rate would be below {bound:.3g} per 1,000 hours (upper 95 % Poisson bound)."
    )
    if hours < ENOUGH_H:
        lines.append(
            f"That is little: {hours:.2f} hours prove nothing about a year. Not enough data to"
            " confirm the budget from this recording."
        )
    return lines


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def judged_windows(result: Backtest) -> int:
    """Return how many windows were judged, healthy or not."""
    return sum(row.state in _JUDGED for row in result.health)


def _duration(span_s: float) -> str:
    return f"{span_s / 3600:.1f} h" if span_s >= 3600 else f"{span_s / 60:.1f} min"
