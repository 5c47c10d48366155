"""The catalogue of `fieldlab bench`: every claim beside its peer or the bare limit, in one run."""

import importlib
from pathlib import Path
from typing import Any

BENCHES: dict[str, tuple[str, str]] = {
    "detection": ("fieldlab.app.bench_detection", "bench_detection"),
    "detection-speed": ("fieldlab.app.bench_speed", "bench_speed"),
    "redesign": ("fieldlab.app.bench_redesign", "bench_redesign"),
    "forecast": ("fieldlab.app.bench_forecast", "bench_forecast"),
    "edge": ("fieldlab.app.bench_edge", "bench_messages"),
    "parts": ("fieldlab.app.bench_parts", "bench_parts"),
    "page": ("fieldlab.app.bench_page", "bench_page"),
    "slicing": ("fieldlab.app.bench_slicing", "bench_slicing"),
    "loop": ("fieldlab.app.bench_loop", "bench_loop"),
    "quality": ("fieldlab.app.bench_quality", "bench_quality"),
}
NEED_RECORDINGS = ("detection",)


def run_bench(name: str, recordings: Path | None = None) -> dict[str, Any]:
    """Load one bench, run it and return its figures."""
    module, function = BENCHES[name]
    bench = getattr(importlib.import_module(module), function)
    figures: dict[str, Any] = bench(recordings) if name in NEED_RECORDINGS else bench()
    return figures
