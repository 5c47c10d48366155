"""The catalogue of `fieldlab bench`: every claim beside its peer or the bare limit, in one run."""

from collections.abc import Callable
from typing import Any

from edge.bench import bench_edge
from fieldlab.app.bench_loop import bench_loop

BENCHES: dict[str, Callable[[], dict[str, Any]]] = {
    "edge": bench_edge,
    "loop": bench_loop,
}
