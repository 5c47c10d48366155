"""What is said of one window."""

from dataclasses import dataclass

from fieldlab.core.messages import Advice, Diagnosis, Features, Forecast, Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that is said of one window."""

    window_t_s: float
    features: Features
    health: Health
    diagnosis: Diagnosis | None = None
    forecast: Forecast | None = None
    advice: Advice | None = None
    opened: tuple[Diagnosis, ...] = ()
    closed: tuple[str, ...] = ()
