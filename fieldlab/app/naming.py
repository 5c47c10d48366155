"""The features that people see: few, by sensor, in units that can be read. Pure."""

import math
from collections.abc import Mapping

from analytics.features.velocity import VELOCITY
from fieldlab.core.machine import Machine

LOGS = ("rms", "kurtosis", "crest")  # the describer keeps their logarithms
SHOWN = (*LOGS, "level", VELOCITY)


def shown_features(values: Mapping[str, float]) -> dict[str, float]:
    """Return the moments and levels of each sensor (`acc.rms`), no logarithms.

    >>> shown_features({"acc.rms": 0.0, "pinion.tooth-damage": 3.0})
    {'acc.rms': 1.0}
    """
    found = {}
    for name, value in values.items():
        what = name.rpartition(".")[2]
        if what in SHOWN and math.isfinite(value):
            found[name] = float(f"{math.exp(value) if what in LOGS else value:.5g}")
    return found


def unit_of(machine: Machine, name: str) -> str:
    """Return the unit of a feature or sensor: kurtosis and crest factor have none."""
    sensor, _, what = name.partition(".")
    if what == VELOCITY:
        return "mm/s"
    spec = machine.sensors.get(sensor)
    return "" if spec is None or what in ("kurtosis", "crest") else spec.unit
