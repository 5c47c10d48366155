"""What a hub in miniature answers to students: the past, the sensors, recordings, backtests."""

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from fieldlab.app.own_backtest import judge_upload
from fieldlab.app.own_table import columns_of, sheet_of, text_of
from fieldlab.core.errors import RefusedError
from fieldlab.core.machine import parse_machine
from fieldlab.core.plan import Plan

Record = dict[str, Any]
DAY_S = 86_400.0


class FakeStudent:
    """The part of FakeView that students ask; `now_s` is the hub's clock."""

    now_s: float
    judged: Record | None = None

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

    def arriving(self) -> list[Record]:
        good = dict.fromkeys(("rate", "range", "noise", "clock"), "good")
        wave = {
            "machine": "my-rig", "node": "esp32", "sensor": "acc", "kind": "wave", "age_s": 0.3,
            "count": 41, "rate_hz": 1000.0, "wanted_hz": None, "per_s": 2.0, "late_s": 0.02,
            "last": 0.98, "low": -0.4, "high": 1.3, "noise": 0.011, "checks": good,
            "grade": "good", "problem": None, "known": False,
        }  # fmt: skip
        broken = {**wave, "sensor": "temp", "kind": "value", "rate_hz": None, "age_s": 1.4,
                  "problem": "sensor 'temp': found 'warm'; wanted a number"}  # fmt: skip
        return [wave, broken]

    def broker(self) -> Record:
        return {"host": "127.0.0.1", "port": 1883, "near": True, "accounts": False,
                "site": "fieldlab"}  # fmt: skip

    def introduce(self, text: str, by: str) -> str:
        machine_id = parse_machine(text).id
        if machine_id == "cookie-line-3":
            raise RefusedError(f"there is a machine '{machine_id}'")
        return machine_id

    def record(self, machine_id: str, seconds: float) -> bytes | None:
        return b"PK\x05\x06" + bytes(18) if machine_id == "cookie-line-3" else None

    def sensor(self, machine_id: str, sensor: str, top_hz: float | None) -> Record | None:
        if machine_id != "cookie-line-3" or not sensor.startswith(("acc-", "bearing-temp")):
            return None
        rng = np.random.default_rng(int(self.now_s * 5) % 2**32)
        is_wave = sensor.startswith("acc-")
        found: Record = {
            **self.arriving()[0], "machine_id": machine_id, "sensor": sensor, "is_wave": is_wave,
            "unit": "g" if is_wave else "degC", "t_s": self.now_s, "is_condition": False,
            "quantity": "acceleration" if is_wave else "temperature", "wave": None,
            "spectrum": None, "envelope": None, "values": [41.2, 41.3], "lines": [],
            "state": "normal", "learnt_ratio": 1.0,
            "features": [
                {"name": "rms", "series": f"feature.{sensor}.rms", "value": 0.121, "low": 0.105,
                 "high": 0.139, "unit": "g"},
                {"name": "kurtosis", "series": f"feature.{sensor}.kurtosis", "value": 4.4,
                 "low": 2.6, "high": 3.5, "unit": ""},
            ],
            "evidence": [{"component": "pinion", "ratio": 0.42},
                         {"component": "wheel", "ratio": 0.2}],
        }  # fmt: skip
        if is_wave:
            t_s = np.arange(512) / 12800
            wave = 0.12 * np.sin(math.tau * 493 * t_s) + 0.05 * rng.standard_normal(512)
            heights = 0.02 + 0.01 * rng.random(400)
            heights[123] += 0.3
            line = {"frequency_hz": 493.3, "order": 20.0, "shaft": "motor", "is_envelope": False,
                    "components": ["pinion", "wheel"], "modes": ["wear", "tooth-damage"],
                    "name": {"en": "teeth meet", "nl": "tandingrijping"}}  # fmt: skip
            knocks = {**line, "frequency_hz": 88.2, "order": 3.58, "is_envelope": True,
                      "components": ["drive-end-bearing"], "modes": ["outer-race"],
                      "name": {"en": "knocks", "nl": "tikken"}}  # fmt: skip
            bins = {"hz_per_bin": (top_hz or 1600) / 400, "magnitudes": heights.tolist()}
            found |= {"wave": {"rate_hz": 12800.0, "samples": wave.tolist()}, "spectrum": bins,
                      "envelope": bins, "lines": [line, knocks]}  # fmt: skip
        return found

    def look_at_table(self, data: bytes) -> Record:
        return columns_of(sheet_of(text_of(data)))

    def begin_backtest(self, kind: Literal["csv", "zip"], data: bytes, plan: Plan) -> Record:
        result = judge_bytes(kind, data, plan)
        self.judged = {"id": "run-1", "state": "done", "place": 0, "problem": None,
                       "result": result}  # fmt: skip
        return {**self.judged, "state": "waiting", "place": 1, "result": None}

    def backtest(self, run_id: str) -> Record | None:
        return self.judged if run_id == "run-1" else None


def judge_bytes(kind: str, data: bytes, plan: Plan) -> Record:
    """Judge here what the hub judges in a process of its own."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "upload"
        file.write_bytes(data)
        return judge_upload(file, kind, plan, None)
