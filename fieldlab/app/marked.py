"""How a verdict is told: its reasons as sentences, its frequencies by name. Pure."""

from collections.abc import Mapping
from typing import Any

from fieldlab.app.plain import reason_of
from fieldlab.core.messages import Reason
from fieldlab.core.phrases.say import CATALOGUES, LANGUAGES, say

Record = dict[str, Any]
Names = Mapping[str, Mapping[str, str]]  # of components, by language


def said(reason: Mapping[str, Any], names: Names) -> dict[str, str]:
    """Return a reason in each language, with the component called by its name."""
    told: dict[str, str] = {}
    for language in LANGUAGES:
        numbers = dict(reason["numbers"])
        for key in ("component", "other"):
            if component := str(numbers.get(key, "")):
                numbers[key] = names.get(component, {}).get(language, component)
        sentence = say(reason_of({**reason, "numbers": numbers}), language)
        told[language] = sentence[:1].upper() + sentence[1:]  # it may begin with the name
    return told


def marks_of(verdict: Mapping[str, Any], shafts_hz: Mapping[str, float]) -> list[Record]:
    """Return what is marked in the spectrum; the one that gave it away has a name of its own.

    An order ("3 × motor") is marked where it is now: `shafts_hz` are the shafts' present speeds.
    """
    marks = [
        {"frequency_hz": mark["frequency_hz"], "order": mark["name"], "name": None}
        for mark in verdict["marks"]
    ]
    for reason in verdict["reasons"]:
        key = reason["key"].replace("diagnosis-", "mark-")
        heard_hz = reason["numbers"].get("frequency_hz")
        if heard_hz is None or key not in CATALOGUES["en"]:
            continue
        name = {language: say(Reason(key=key), language) for language in LANGUAGES}
        near = [mark for mark in marks if abs(mark["frequency_hz"] - heard_hz) < 0.01 * heard_hz]
        if not near:
            near = [{"frequency_hz": heard_hz, "order": "", "name": None}]
            marks += near
        near[0]["name"] = name
    for mark in marks:
        times, _, shaft = str(mark["order"]).partition(" × ")
        if shaft in shafts_hz and times.replace(".", "", 1).isdecimal():
            mark["frequency_hz"] = round(float(times) * shafts_hz[shaft], 2)
    return marks
