"""One true example for each of the main routes; a test asks the API for the same keys."""

from typing import Any

_SHA = "3f6a…64 hex digits…"
_TEXT = {"en": "The pinion shows a damaged tooth.", "nl": "Het rondsel heeft een kapotte tand."}
_HEALTH = {
    "machine_id": "cookie-line-3", "t_s": 1790000000.0, "state": "alarm", "score_ratio": 2.4,
    "component": "pinion", "learnt_ratio": 1.0, "component_ratios": {"pinion": 2.4},
}  # fmt: skip
_MACHINE = {
    "id": "cookie-line-3", "name": {"en": "Cookie line 3", "nl": "Koekjeslijn 3"},
    "file": {"fieldlab": 1, "id": "cookie-line-3"}, "health": _HEALTH,
    "nodes": [{"node": "edge", "state": "online", "age_s": 0.2}], "last_data_s": 1790000000.2,
}  # fmt: skip
_CASE = {
    "id": "cookie-line-3-pinion-20260921-141320", "machine_id": "cookie-line-3",
    "component": "pinion", "failure_mode": "tooth-damage", "state": "awaiting-approval",
    "confidence": 0.96, "opened_s": 1790000000.0, "sentence": _TEXT, "gcode_sha256": _SHA,
    "steps": [{"step": "open", "at_s": 1790000001.0, "elapsed_s": 0.0}],
}  # fmt: skip
_JOB = {
    "id": "cookie-line-3-pinion-20260921-141320-g2", "state": "queued", "gcode_sha256": _SHA,
    "duration_s": 2880, "mass_g": 9.4,
}  # fmt: skip
_LEARNT = [
    {"component": "pinion", "failure_mode": "tooth-damage", "right": 0, "wrong": 1, "times": 0.5}
]
_OK = {"ok": True}
_CHECKS = {"rate": "good", "range": "good", "noise": "good", "clock": "good"}
_FIGURES = {
    "machine_id": "cookie-line-3", "watched_h": 716.7, "judged_h": 691.7, "cases": 1, "proven": 1,
    "false": 0, "availability_ratio": 0.915, "false_per_1000_h": 0.0, "false_most_per_1000_h": 4.3,
    "spent_s": {"normal": 2300000.0, "alarm": 130000.0},
}  # fmt: skip
EXAMPLES: dict[str, dict[str, Any]] = {
    "GET /api/healthz": {"answer": {"status": "ok", "machines": 1, "build": "5d0c…"}},
    "GET /api/machines": {"answer": {"machines": [_MACHINE]}},
    "GET /api/machines/{machine_id}": {"answer": _MACHINE},
    "GET /api/machines/{machine_id}/health": {
        "answer": {
            "health": [{"t_s": 1790000000.0, "state": "normal", "score_ratio": 0.35,
                        "component": None}],
            "next": 1790000000.0,
        }
    },
    "GET /api/machines/{machine_id}/sensors": {
        "answer": {
            "sensors": [{"id": "acc-gearbox", "unit": "g", "quantity": "acceleration",
                         "age_s": 0.2, "rate_hz": 12800.0, "wanted_hz": 12800.0, "low": -0.1,
                         "high": 0.1, "noise": 0.01, "grade": "good"}]
        }
    },
    "GET /api/machines/{machine_id}/history": {
        "answer": {
            "series": "score", "names": ["score", "component.pinion", "feature.acc-motor.rms"],
            "unit": "", "first_s": 1787408000.0, "last_s": 1790000000.0, "rows": 86400,
            "every_s": 2592.0, "figures": _FIGURES,
            "points": [{"t_s": 1790000000.0, "state": "normal", "value": 0.35}],
            "cases": [{"id": "cookie-line-3-pinion-20260921-141320", "component": "pinion",
                       "opened_s": 1789990000.0, "ended_s": None, "false": False}],
        }
    },
    "GET /api/availability": {"answer": {"machines": [_FIGURES]}},
    "GET /api/machines/{machine_id}/sensors/{sensor}": {
        "answer": {
            "sensor": "acc-gearbox", "unit": "g", "t_s": 1790000000.0, "grade": "good",
            "checks": _CHECKS, "wave": {"rate_hz": 12800.0, "samples": [0.01, -0.02]},
            "spectrum": {"hz_per_bin": 4.0, "magnitudes": [0.0, 0.12]},
            "envelope": {"hz_per_bin": 1.0, "magnitudes": [0.0, 0.04]},
            "lines": [{"frequency_hz": 493.3, "order": 20.0, "shaft": "motor",
                       "is_envelope": False, "components": ["pinion", "wheel"],
                       "name": {"en": "teeth meet", "nl": "tandingrijping"}}],
            "features": [{"name": "rms", "value": 0.121, "low": 0.105, "high": 0.139,
                          "unit": "g"}],
            "evidence": [{"component": "pinion", "ratio": 0.42}],
        }
    },
    "GET /api/arriving": {
        "answer": {
            "arriving": [{"machine": "my-rig", "node": "esp32", "sensor": "acc", "kind": "wave",
                          "known": False, "age_s": 0.3, "rate_hz": 1000.0, "late_s": 0.02,
                          "checks": _CHECKS, "grade": "good", "problem": None}]
        }
    },
    "GET /api/broker": {
        "answer": {"host": "192.0.2.7", "port": 1883, "near": False, "accounts": True,
                   "site": "fieldlab"}
    },
    "POST /api/machines": {"request": {"text": "fieldlab: 1\nid: my-rig\n…"}},
    "GET /api/machines/{machine_id}/savings": {
        "answer": {"ours": {"cases": 1, "standstill_h": 0.5, "eur": 45.6},
                   "ghost": {"cases": 1, "standstill_h": 144.5, "eur": 12320.5},
                   "basis": "simulated"}
    },
    "GET /api/machines/{machine_id}/file": {
        "answer": {
            "text": "fieldlab: 1\nid: cookie-line-3\n…", "version": 2, "in_use": 2,
            "versions": [{"version": 2, "by": "anna", "at_s": 1790000000.0}], "offered": None,
        }
    },
    "POST /api/machines/{machine_id}/file": {
        "request": {"text": "fieldlab: 1\nid: cookie-line-3\n…"},
        "answer": {
            "ok": True, "version": 2, "learn_s": 300.0,
            "changed": {"now": ["components.pinion.replace.print.material"], "next_learning": [],
                        "relearn": [], "edge": []},
        },
    },
    "POST /api/machines/check": {
        "request": {"text": "fieldlab: 1\nid: press\n"},
        "answer": {"ok": False, "problems": ["machine.yaml: sensors: is missing"],
                   "changed": None},
    },
    "POST /api/machines/{machine_id}/relearn": {
        "request": {"why": "maintenance"}, "answer": _OK,
    },
    "GET /api/cases": {
        "answer": {"cases": [_CASE], "next": None, "counts": {"awaiting-approval": 1}}
    },
    "GET /api/cases/{case_id}": {"answer": _CASE},
    "GET /api/cases/{case_id}/thread/check": {"answer": {"ok": True, "problems": []}},
    "POST /api/cases/{case_id}/approve": {
        "request": {"gcode_sha256": "ab" * 32}, "answer": _OK,
    },
    "POST /api/cases/{case_id}/fitted": {"request": {}, "answer": _OK},
    "POST /api/cases/{case_id}/dismiss": {
        "request": {"reason": "somebody leaned on the sensor"},
        "answer": {"ok": True, "closes": True, "learnt": _LEARNT},
    },
    "POST /api/cases/{case_id}/correct": {
        "request": {"component": "wheel", "failure_mode": "wear"},
        "answer": {"ok": True, "learnt": _LEARNT},
    },
    "GET /api/print-room": {
        "answer": {
            "printers": [{"name": "virtual", "kind": "virtual", "bed_is_clear": True,
                          "materials": ["PA12"], "status": {"state": "idle"},
                          "spool": {"material": "PA12", "left_g": 412.0}}],
            "jobs": [_JOB],
        }
    },
    "GET /api/jobs": {"answer": {"jobs": [_JOB], "next": None}},
    "GET /api/families": {
        "answer": {
            "families": [{"family": "spur_gear",
                          "sizes": [{"name": "teeth", "unit": "1", "default": 20, "min": 8,
                                     "max": 120}]}]
        }
    },
    "POST /api/families/{family}/draw": {"request": {"sizes": {"teeth": 24}}},
    "GET /api/duel": {
        "answer": {
            "machine_id": "cookie-line-3", "waiting": 0, "rounds": [],
            "choices": [{"component": "pinion", "failure_modes": ["tooth-damage", "wear"]}],
            "score": {"hit": 3, "miss": 1, "unknown": 1},
        }
    },
    "POST /api/duel": {
        "request": {"component": "pinion", "failure_mode": "wear", "severity": 0.7}
    },
    "GET /api/session": {
        "answer": {"name": "", "role": "visitor", "csrf": "", "can_act": False,
                   "needs_log_in": True, "loopback": False, "build": "5d0c…"}
    },
    "POST /api/session": {"request": {"name": "anna", "password": "a long password"}},
    "GET /api/people": {"answer": {"people": [{"name": "anna", "role": "admin"}]}},
    "POST /api/people": {
        "request": {"name": "otto", "role": "operator", "password": "another password"},
        "answer": _OK,
    },
    "GET /api/tokens": {
        "answer": {"tokens": [{"id": "5f2c91aa", "role": "operator", "until_s": 1790086400.0}]}
    },
    "POST /api/tokens": {
        "request": {"role": "operator", "days": 30},
        "answer": {"id": "5f2c91aa", "token": "told only now", "role": "operator",
                   "until_s": 1792592000.0},
    },
    "GET /api/notify": {
        "answer": {
            "channels": [{"name": "ntfy", "to": "ntfy.example"}], "language": "en",
            "page_url": "", "quiet_from_h": 22, "quiet_until_h": 6, "is_quiet": False,
        }
    },
    "POST /api/notify/test": {
        "request": {"channel": "ntfy"}, "answer": {"channels": {"ntfy": "ok"}},
    },
}  # fmt: skip
