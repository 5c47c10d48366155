"""What a hub in miniature answers to students: the past, the sensors, recordings, backtests."""

import math
from typing import Any

import numpy as np

Record = dict[str, Any]
DAY_S = 86_400.0


class FakeStudent:
    """The part of FakeView that students ask; `now_s` is the hub's clock."""

    now_s: float

    def history(
        self, machine_id: str, from_s: float | None, until_s: float | None, series: str, points: int
    ) -> Record | None:
        if machine_id != "cookie-line-3":
            return None
        first_s, last_s = self.now_s - 30 * DAY_S, self.now_s
        low_s, high_s = from_s or first_s, until_s or last_s
        rng = np.random.default_rng(5)
        times_s = np.linspace(low_s, high_s, points)
        ill_s = last_s - 9 * DAY_S
        rise = np.exp(-(((times_s - ill_s) / (0.7 * DAY_S)) ** 2)) * (times_s < ill_s + DAY_S)
        values = 0.35 + 0.06 * rng.standard_normal(points) + 2.2 * rise
        told = [
            {"t_s": float(t_s), "state": "alarm" if value > 1 else "normal", "value": float(value)}
            for t_s, value in zip(times_s, values, strict=True)
        ]
        case = {
            "id": "case-1", "component": "pinion", "failure_mode": "tooth-damage",
            "state": "proven", "opened_s": ill_s - 0.5 * DAY_S, "ended_s": ill_s + DAY_S,
            "false": False,
        }  # fmt: skip
        return {
            "machine_id": machine_id, "series": series, "unit": "", "first_s": first_s,
            "names": ["score", "component.pinion", "condition.motor-speed",
                      "feature.acc-motor.rms"],
            "last_s": last_s, "from_s": low_s, "until_s": high_s, "rows": 86_400,
            "every_s": (high_s - low_s) / points, "points": told, "cases": [case],
            "figures": self.availability(None, None)[0],
        }  # fmt: skip

    def availability(self, from_s: float | None, until_s: float | None) -> list[Record]:
        spent = {"learning": 7200.0, "unknown": 90_000.0, "normal": 2_300_000.0, "watch": 60_000.0,
                 "sensor-fault": 0.0, "alarm": 130_000.0, "silent": 4000.0}  # fmt: skip
        return [
            {
                "machine_id": "cookie-line-3",
                "name": {"en": "Cookie line 3", "nl": "Koekjeslijn 3"},
                "watched_h": 716.7, "judged_h": 691.7, "spent_s": spent,
                "availability_ratio": 0.915, "cases": 1, "proven": 1, "false": 0,
                "false_per_1000_h": 0.0,
                "false_most_per_1000_h": 1000 * -math.log(0.05) / 691.7,
            }
        ]  # fmt: skip
