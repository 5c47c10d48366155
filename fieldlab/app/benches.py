"""The catalogue of `fieldlab bench`: every claim beside its peer or the bare limit, in one run."""

import importlib
from typing import Any

BENCHES: dict[str, tuple[str, str]] = {
    "forecast": ("fieldlab.app.bench_forecast", "bench_forecast"),
    "edge": ("fieldlab.app.bench_edge", "bench_messages"),
    "loop": ("fieldlab.app.bench_loop", "bench_loop"),
}


def run_bench(name: str) -> dict[str, Any]:
    """Load one bench, run it and return its figures."""
    module, function = BENCHES[name]
    figures: dict[str, Any] = getattr(importlib.import_module(module), function)()
    return figures
