"""The verdict from physics alone, without healthy data: bearings by their envelope."""

from collections.abc import Sequence

from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, Window


def diagnose(machine: Machine, windows: Sequence[Window]) -> Diagnosis:
    """Return suspects, likeliest first; the verdict is None when not sure."""
    return Diagnosis(machine_id=machine.id, t_s=windows[-1].t_s if windows else 0.0)
