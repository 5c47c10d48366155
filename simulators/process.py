"""What a printer's own sensors say while it prints: a row of numbers for each layer.

The printer is a machine too: an encoder on the filament, the extruder motor's current, the two
temperatures, an accelerometer on the carriage, and the time that each layer took.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulators.defects import Defect
from simulators.printed import Trace

Numbers = npt.NDArray[np.float64]

FULL_SKIP_MM = 0.8  # four full steps of a 1.8 degree motor on a 20-tooth GT2 pulley
_SKIP_SHOCK_G = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A file layer by layer, as it is commanded: (n,) each."""

    filament_mm: Numbers
    duration_s: Numbers
    nozzle_degc: Numbers
    bed_degc: Numbers

    @property
    def flow_mmps(self) -> Numbers:
        """Return the filament's mean speed in each layer."""
        return np.asarray(self.filament_mm / self.duration_s, np.float64)


def layers_of(trace: Trace) -> Layers:
    """Return the layers of a followed file."""
    moves = trace.moves
    drawn = moves[:, 4] > 0
    spent_s = np.diff(moves[:, 0], prepend=0.0)[drawn]
    heights = np.round(moves[drawn, 3], 3)
    _, first, place = np.unique(heights, return_index=True, return_inverse=True)
    count = len(first)
    return Layers(
        filament_mm=np.bincount(place, moves[drawn, 4], count).astype(np.float64),
        duration_s=np.maximum(1e-3, np.bincount(place, spent_s, count)),
        nozzle_degc=moves[drawn, 5][first],
        bed_degc=moves[drawn, 6][first],
    )


def sensed(
    layers: Layers, rng: np.random.Generator, defect: Defect | None = None
) -> list[Mapping[str, float]]:
    """Return what the sensors say of each layer; a defect shows as its physics does.

    A slipping or jammed filament runs slower under its encoder; a jam loads the motor, a slip
    unloads it; lost steps knock on the carriage once; a layer that is skipped takes no time.
    """
    count = len(layers.filament_mm)
    flow = layers.flow_mmps
    moved, load, lasted = np.ones(count), np.ones(count), np.ones(count)
    knock = np.zeros(count)
    if defect is not None:
        at = min(count - 1, int(defect.at_ratio * count))
        if defect.kind in ("under-extrusion", "jam"):
            moved[at:] -= defect.size
            load[at:] += (0.9 if defect.kind == "jam" else -0.4) * defect.size
        elif defect.kind == "layer-shift":
            knock[at] = _SKIP_SHOCK_G * min(1.0, defect.size / FULL_SKIP_MM)
        elif defect.kind == "missing-layers":
            gone = slice(at, at + int(defect.size))
            moved[gone], lasted[gone], load[gone] = 0.0, 0.02, 0.3
    grip = rng.normal(1.0, 0.004)  # of this spool, under this encoder
    motor = rng.normal(1.0, 0.015)
    offset_degc = rng.normal(0.0, 0.4)
    return [
        {
            "commanded-flow": float(flow[n]),
            "layer-time": float(layers.duration_s[n]),
            "filament-flow": float(flow[n] * moved[n] * grip * rng.normal(1.0, 0.012)),
            "extruder-current": float(
                (0.30 + 0.08 * flow[n]) * load[n] * motor * rng.normal(1.0, 0.02)
            ),
            "nozzle-error": float(offset_degc + rng.normal(0.0, 0.5)),
            "bed-error": float(rng.normal(0.0, 0.4)),
            "carriage-shock": float(0.35 * rng.lognormal(0.0, 0.08) + knock[n]),
            "time-ratio": float(lasted[n] * rng.normal(1.0, 0.003)),
        }
        for n in range(count)
    ]
