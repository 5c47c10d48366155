"""Whether a machine is back to its own normal after a repair. Pure.

The judgements since the fit are each already given the conditions, so the proof compares like with
like. The machine must be healthy for a stretch, not just for a lucky window.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fieldlab.core.messages import Proof

SETTLE_WINDOWS = 3  # the first windows after a fit still hold the stop and the start
HEALTHY_WINDOWS = 8  # judged in a row, after settling
GIVE_UP_WINDOWS = 60


def judge_proof(
    case: Mapping[str, Any], since: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> Proof | None:
    """Return the proof, or None while there are too few windows.

    Parameters
    ----------
    case
        The case's record.
    since, before
        Judgements (health records) after the fit, and at the alarm, oldest first.
    """
    judged = [row for row in since if row["state"] not in ("learning", "unknown", "sensor-fault")]
    judged = judged[SETTLE_WINDOWS:]
    recent = judged[-HEALTHY_WINDOWS:]
    if len(recent) < HEALTHY_WINDOWS:
        return None
    names = [case["component"], *case["group"]]
    ratios = [_ratio(row, names) for row in recent]
    calm = all(row["state"] != "alarm" or row["component"] not in names for row in recent)
    healed = calm and statistics.median(ratios) < 1.0
    if not healed and len(judged) < GIVE_UP_WINDOWS:
        return None
    return Proof(
        machine_id=case["machine_id"],
        component=case["component"],
        t_s=recent[-1]["t_s"],
        healed=healed,
        score_before_ratio=max((_ratio(row, names) for row in before), default=0.0),
        score_after_ratio=statistics.median(ratios),
        windows=len(judged),
    )


def _ratio(row: Mapping[str, Any], names: Sequence[str | None]) -> float:
    ratios = row["record"].get("component_ratios", {})
    found = [ratios[name] for name in names if name in ratios]
    return float(max(found)) if found else float(row["score_ratio"])
