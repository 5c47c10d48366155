"""Diagnosis to advice: print, buy, adjust, watch, check a sensor, or ask a person."""

from fieldlab.core.machine import AnyComponent, Machine
from fieldlab.core.messages import Action, Advice, Diagnosis, Forecast, Reason

_ADJUSTABLE = ("looseness", "slip", "misalignment")


def advise(diagnosis: Diagnosis, machine: Machine, forecast: Forecast | None) -> Advice:
    """Return what to do: print first, adjust what is loose, else buy; ask when nothing is sure."""
    verdict = diagnosis.verdict
    if verdict is None:
        return Advice(
            machine_id=diagnosis.machine_id,
            action="ask",
            t_s=diagnosis.t_s,
            reasons=(Reason(key="ask-not-sure"),),
        )
    action = _action(machine.components[verdict.component], verdict.failure_mode)
    reasons = verdict.reasons
    if forecast is not None and forecast.remaining_s is not None:
        hours = forecast.remaining_s / 3600
        reasons = (*reasons, Reason(key="forecast-remaining", numbers={"hours_h": hours}))
    return Advice(
        machine_id=diagnosis.machine_id,
        action=action,
        t_s=diagnosis.t_s,
        component=verdict.component,
        failure_mode=verdict.failure_mode,
        reasons=reasons,
    )


def _action(component: AnyComponent, mode: str | None) -> Action:
    replace = component.replace
    if replace.adjust is not None and mode in _ADJUSTABLE:
        return "adjust"
    if replace.print is not None and component.safety != "never-print":
        return "print"
    if replace.buy is not None:
        return "buy"
    return "adjust" if replace.adjust is not None else "ask"
