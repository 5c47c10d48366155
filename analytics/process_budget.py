"""How many false cases a year the judge of numbers can promise after what it has learnt.

The limits are those of the asked budget as far as they would not hide real faults; beyond that the
chance of passing them, by Student's t with the degrees of freedom of the learning, says what is
supported instead (see state.budget). It is an upper bound: moments and sensors that go together are
counted as if each could fail alone.
"""

from collections.abc import Sequence

from scipy import stats

from analytics.state import YEAR_S, Budget, budget


def of_averages(
    asked_per_year: float,
    paces: Sequence[float],
    *,
    interval_s: float,
    streams: int,
    freedom: float,
    most: float,
) -> Budget:
    """Return the limit of moving averages, and what it supports.

    An average of pace λ says something new every (2 - λ)/λ windows; it is the only rule, where
    `budget` counts two.

    Parameters
    ----------
    asked_per_year : float
        The budget of all streams and paces together.
    streams : int
        Averages that run side by side, at each pace.
    freedom : float
        Degrees of freedom of the learnt spread.
    most : float
        The limit above which real faults would be hidden, in spreads.

    >>> short = of_averages(1.0, (0.4, 0.1), interval_s=1.0, streams=5, freedom=300.0, most=2.6)
    >>> short.limit, short.supported_per_year > 1000.0
    (2.6, True)
    >>> lax = of_averages(900.0, (0.4,), interval_s=3600.0, streams=1, freedom=300.0, most=2.6)
    >>> lax.limit < 1.5, lax.supported_per_year
    (True, 900.0)
    """
    anew = sum(pace / (2 - pace) for pace in paces)
    return budget(
        asked_per_year,
        interval_s=2 * interval_s / anew,
        streams=streams,
        freedom=freedom,
        most=most,
    )


def of_cycles(
    asked_per_year: float, *, interval_s: float, streams: int, freedom: float, limit: float
) -> float:
    """Return the false cases a year that two cycles in a row above their limit support.

    >>> round(of_cycles(1.0, interval_s=60.0, streams=100, freedom=1000.0, limit=6.0), 1)
    1.0
    """
    chance = min(1.0, 2 * streams * float(stats.t.sf(limit, max(freedom, 1.0))))
    return max(asked_per_year, chance**2 * YEAR_S / interval_s)
