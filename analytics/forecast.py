"""How long a component will last: a straight line through its evidence, with a 90 % band."""

import numpy as np

from fieldlab.core.messages import Forecast

MIN_POINTS = 8
END_RATIO = 6.0  # the evidence of a part that has to come out, against its alarm limit
_BAND = 1.645  # 90 % of a normal distribution


def forecast(
    machine_id: str, component: str, times_s: list[float], ratios: list[float]
) -> Forecast:
    """Return when the trend of a component's evidence reaches its end of life.

    Parameters
    ----------
    machine_id, component
        Whose.
    times_s, ratios : list of float
        The evidence against its limit, oldest first.
    """
    at_s = times_s[-1] if times_s else 0.0
    unknown = Forecast(machine_id=machine_id, component=component, t_s=at_s)
    if len(times_s) < MIN_POINTS:
        return unknown
    since_s = np.array(times_s) - at_s
    values = np.array(ratios)
    design = np.stack([np.ones_like(since_s), since_s], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    level, slope = inverse @ design.T @ values
    rest = values - design @ np.array([level, slope])
    noise = float(rest @ rest) / (len(values) - 2)
    doubt = float(np.sqrt(max(0.0, noise * inverse[1, 1])))
    if slope <= _BAND * doubt or level >= END_RATIO:
        return unknown
    left = END_RATIO - float(level)
    low_s, high_s = left / (slope + _BAND * doubt), left / (slope - _BAND * doubt)
    return Forecast(
        machine_id=machine_id,
        component=component,
        t_s=at_s,
        remaining_s=float(left / slope),
        low_s=float(low_s),
        high_s=float(high_s),
    )
