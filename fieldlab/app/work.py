"""The slow steps (meshing, slicing, judging) in a process of their own: values in, values out."""

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, ParamSpec, TypeVar

from fieldlab.core.messages import GateReport, Measurement, Part, PartOrder, Sliced, Verification
from fieldlab.core.settings import SlicerName
from partgen.engineering.checks import Duty

P = ParamSpec("P")
T = TypeVar("T")


class Workshop:
    """One worker process, started when first needed and again if it died."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of this file in the worker and return what it returned or raised."""
        for _ in range(2):
            try:
                return self._worker().submit(work, *args, **kwargs).result()
            except BrokenProcessPool:
                self.close()  # the worker was killed; the step is harmless when it runs again
        return self._worker().submit(work, *args, **kwargs).result()

    def warm_up(self) -> None:
        """Load the libraries now, so that the first case does not wait for them."""
        self._worker().submit(_load)

    def close(self) -> None:
        """Stop the worker."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _worker(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=end_with_parent,
                )
            return self._pool


def end_with_parent() -> None:
    """End the worker when its parent is gone, also after kill -9; Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(0)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _load() -> None:
    for name in (
        "partgen.compose",
        "partgen.verify",
        "printing.slicers.choice",
        "printing.gcode.gate",
    ):
        importlib.import_module(name)


def compose_part(order: PartOrder) -> Part:
    """Compose the mesh of an order."""
    from partgen.compose import compose

    return compose(order)


def verify_part(
    part: Part, bed_mm: tuple[float, float, float], duty: Duty | None
) -> tuple[Verification, str]:
    """Check the bytes that ship, at the full level, and what they bear; return a page of it too."""
    from fieldlab.app.partreport import report
    from partgen.verify import verify

    found = verify(part, level="full", bed_mm=bed_mm, duty=duty)
    return found, report(part, found)


def slice_part(stl: bytes, printer: str, material: str, slicer: SlicerName, quality: str) -> Sliced:
    """Turn a mesh into G-code."""
    from printing.slicers.choice import slicer_of

    return slicer_of(slicer, quality).slice(stl, printer=printer, material=material)


def gate_gcode(
    gcode: bytes, printer: str, material: str, stl: bytes | None, quality: str
) -> GateReport:
    """Let the independent gate judge G-code, which must be as full inside as the quality says."""
    from printing import profiles
    from printing.gcode.gate import check

    infill = profiles.quality(quality).infill
    return check(gcode, printer=printer, material=material, stl=stl, infill=infill)


def predict_part(gcode: bytes, printer: str, material: str) -> Measurement:
    """Return what a scale and a calliper should find on what the gate has passed."""
    from printing.prediction import predict

    return predict(gcode, printer=printer, material=material)


def preview_of(gcode: bytes) -> dict[str, Any]:
    """Return the printed layers as lines, for the page."""
    from printing.gcode.preview import layers

    found = layers(gcode)
    drawn = [[[x / 100 for x in line] for line in lines] for _, lines in found]
    heights = sorted(z_mm for z_mm, _ in found)
    layer_mm = (heights[-1] - heights[0]) / max(1, len(heights) - 1) if found else 0.0
    return {"layer_mm": round(layer_mm, 3), "layers": drawn}
