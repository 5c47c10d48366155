"""Messages as plain data, for the store, the thread and the page."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from fieldlab.core.messages import Diagnosis, Forecast, Mark, Reason, Suspect


def plain(value: Any) -> Any:
    """Return a message as dicts, lists, texts and numbers; bytes are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value))
        return {name: plain(item) for name in fields
                if not isinstance(item := getattr(value, name), bytes)}  # fmt: skip
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return value


def reason_of(data: Mapping[str, Any]) -> Reason:
    """Return a reason from plain data."""
    return Reason(key=data["key"], numbers=data["numbers"])


def diagnosis_of(data: Mapping[str, Any]) -> Diagnosis:
    """Return a diagnosis from plain data."""
    return Diagnosis(
        machine_id=data["machine_id"],
        t_s=data["t_s"],
        suspects=tuple(_suspect(suspect) for suspect in data["suspects"]),
        verdict=None if data["verdict"] is None else _suspect(data["verdict"]),
    )


def forecast_of(data: Mapping[str, Any] | None) -> Forecast | None:
    """Return a forecast from plain data, None if there is none."""
    return None if data is None else Forecast(**data)


def _suspect(data: Mapping[str, Any]) -> Suspect:
    return Suspect(
        component=data["component"],
        failure_mode=data["failure_mode"],
        confidence=data["confidence"],
        reasons=tuple(reason_of(reason) for reason in data["reasons"]),
        group=tuple(data["group"]),
        sensor=data["sensor"],
        marks=tuple(Mark(**mark) for mark in data["marks"]),
    )
