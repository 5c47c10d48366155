"""Diagnosis to advice: print, buy, adjust, watch, check a sensor, or ask a person."""

from fieldlab.core.machine import AnyComponent, Machine
from fieldlab.core.messages import Action, Advice, Diagnosis, Forecast, Health, Reason

_ADJUSTABLE = ("looseness", "slip", "misalignment")


def advise(
    diagnosis: Diagnosis, machine: Machine, forecast: Forecast | None, *, is_alarm: bool = True
) -> Advice:
    """Return what to do about what was found.

    Below the alarm: watch. Else adjust what is loose, print, or buy; ask when nothing is sure, or
    when something is loose that no instruction says how to tighten.
    """
    verdict = diagnosis.verdict
    if verdict is None:
        return Advice(
            machine_id=diagnosis.machine_id,
            action="ask" if is_alarm else "watch",
            t_s=diagnosis.t_s,
            reasons=(Reason(key="ask-not-sure" if is_alarm else "watch-begins"),),
        )
    component = machine.components[verdict.component]
    action = _action(component, verdict.failure_mode) if is_alarm else "watch"
    is_loose = action == "ask" and verdict.failure_mode == "looseness"
    which = (Reason(key="ask-which-is-loose"),) if is_loose else ()
    return Advice(
        machine_id=diagnosis.machine_id,
        action=action,
        t_s=diagnosis.t_s,
        component=verdict.component,
        failure_mode=verdict.failure_mode,
        reasons=(*which, *verdict.reasons, *_remaining(forecast)),
    )


def advise_sensor(health: Health) -> Advice:
    """Return the advice to check a sensor: never a component."""
    numbers = {"sensor": health.sensor or ""}
    return Advice(
        machine_id=health.machine_id,
        action="check-sensor",
        t_s=health.t_s,
        reasons=(Reason(key=f"sensor-{health.sensor_fault}", numbers=numbers),),
    )


def _remaining(forecast: Forecast | None) -> tuple[Reason, ...]:
    """Return how long it will last as a reason; that nothing grows is said too."""
    if forecast is None:
        return ()
    if forecast.remaining_s is None or forecast.low_s is None or forecast.high_s is None:
        return (Reason(key="forecast-none"),)
    numbers = {
        "low_h": forecast.low_s / 3600,
        "hours_h": forecast.remaining_s / 3600,
        "high_h": forecast.high_s / 3600,
    }
    return (Reason(key="forecast-remaining", numbers=numbers),)


def _action(component: AnyComponent, mode: str | None) -> Action:
    replace = component.replace
    if replace.adjust is not None and mode in _ADJUSTABLE:
        return "adjust"
    if mode == "looseness":
        return "ask"  # any part of the shaft may be the loose one, and a new part tightens nothing
    if replace.print is not None and component.safety != "never-print":
        return "print"
    if replace.buy is not None:
        return "buy"
    return "adjust" if replace.adjust is not None else "ask"
