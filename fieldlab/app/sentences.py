"""One sentence in each language that says where a case stands and why. Pure."""

from collections.abc import Mapping
from typing import Any

from fieldlab.core.messages import Reason
from fieldlab.core.phrases.say import LANGUAGES, Language, say


def sentence_of(case: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the sentence of a case, by language; `names` are the components' names."""
    return {language: _sentence(case, names, language) for language in LANGUAGES}


def _sentence(
    case: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], language: Language
) -> str:
    component = case["component"]
    if component is None:
        return say(Reason(key="ask-not-sure"), language)
    name = names.get(component, {}).get(language, component)
    mode_key = f"mode-{case['failure_mode']}"
    numbers: dict[str, float | str] = {
        "component": name,
        "mode": say(Reason(key=mode_key), language) if case["failure_mode"] else "",
        "percent": 100 * float(case["confidence"]),
    }
    action = case.get("action")
    state = case["state"]
    if state == "awaiting-fit" and action in ("buy", "adjust"):
        state = f"{action}-awaiting"
    sentence = say(Reason(key=f"case-{state}", numbers=numbers), language)
    return sentence[:1].upper() + sentence[1:]  # a Dutch one may begin with the name
