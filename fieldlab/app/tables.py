"""The figures of `fieldlab bench detection` as the tables that docs/detection.md shows."""

from collections.abc import Mapping
from typing import Any

COLUMNS = {
    "found_ratio": "found (TPR)", "false_ratio": "false (FPR)", "auroc": "AUROC",
    "faults_found": "faults found", "delay_s": "delay, s", "false_per_1000_h": "false per 1,000 h",
    "component_right": "component right", "component_wrong": "wrong",
}  # fmt: skip


def tables(figures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Return one Markdown table a set."""
    return "\n".join(_table(name, methods) for name, methods in figures.items())


def _table(name: str, methods: Mapping[str, Mapping[str, Any]]) -> str:
    first = next(iter(methods.values()))
    columns = COLUMNS if "found_ratio" in first else {key: key.replace("_", " ") for key in first}
    head = f"| {name} ({first['recordings']} recordings) | " + " | ".join(columns.values()) + " |"
    lines = [head, "| --- |" + " --- |" * len(columns)]
    for method, found in methods.items():
        cells = ("–" if found.get(key) is None else f"{found[key]}" for key in columns)
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])
