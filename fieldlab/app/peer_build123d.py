"""The same gears by build123d and bd_warehouse; run by a Python that has them, never imported.

Reads `[{"module_mm", "teeth", ...}, …]` on stdin, writes N.stl into the folder that it is given,
and prints `{"seconds": […], "volume_mm3": […], "bytes": […]}`; loading the library is not counted.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHORD_MM = 0.003  # as fine as ours


def gear(sizes: dict[str, float]) -> Any:
    """Return a gear with bore and hub, standing on z = 0."""
    import build123d as bd
    from bd_warehouse.gear import SpurGear

    width, high = sizes["width_mm"], sizes["hub_length_mm"]
    with bd.BuildPart() as part:
        SpurGear(
            sizes["module_mm"], int(sizes["teeth"]), 20, width,
            align=(bd.Align.CENTER, bd.Align.CENTER, bd.Align.MIN),
        )  # fmt: skip
        with bd.Locations((0, 0, width)):
            bd.Cylinder(sizes["hub_mm"] / 2, high, align=(bd.Align.CENTER,) * 2 + (bd.Align.MIN,))
        bd.Cylinder(sizes["bore_mm"] / 2, 4 * (width + high), mode=bd.Mode.SUBTRACT)
    return part.part


def bushing(sizes: dict[str, float]) -> Any:
    """Return a flanged bushing."""
    import build123d as bd

    up = (bd.Align.CENTER, bd.Align.CENTER, bd.Align.MIN)
    with bd.BuildPart() as part:
        bd.Cylinder(sizes["flange_mm"] / 2, sizes["flange_thickness_mm"], align=up)
        bd.Cylinder(sizes["outer_mm"] / 2, sizes["length_mm"], align=up)
        bd.Cylinder(sizes["bore_mm"] / 2, 4 * sizes["length_mm"], mode=bd.Mode.SUBTRACT)
    return part.part


def pulley(sizes: dict[str, float]) -> Any:
    """Return a GT2 pulley of the same outline (neither library has one), with plain flanges."""
    import build123d as bd

    low, top = sizes["low_mm"], sizes["top_mm"]
    up = (bd.Align.CENTER, bd.Align.CENTER, bd.Align.MIN)
    outline: Any = sizes["outline"]
    with bd.BuildPart() as part:
        with bd.BuildSketch(bd.Plane.XY.offset(low)):
            with bd.BuildLine():
                bd.Polyline(*map(tuple, outline), close=True)
            bd.make_face()
        bd.extrude(amount=top - low)
        bd.Cylinder(sizes["rim_mm"] / 2, low, align=up)
        with bd.Locations((0, 0, top)):
            bd.Cylinder(sizes["rim_mm"] / 2, low, align=up)
        bd.Cylinder(sizes["bore_mm"] / 2, 4 * top, mode=bd.Mode.SUBTRACT)
    return part.part


KINDS: dict[str, Callable[[dict[str, float]], Any]] = {
    "spur_gear": gear, "flanged_bushing": bushing, "gt2_pulley": pulley
}  # fmt: skip


def main() -> None:
    """Make what stdin asks for."""
    import build123d as bd

    folder, found = Path(sys.argv[1]), []
    gear(
        {"module_mm": 1, "teeth": 20, "width_mm": 5, "bore_mm": 5, "hub_mm": 9, "hub_length_mm": 3}
    )
    for number, asked in enumerate(json.load(sys.stdin)):
        file = folder / f"{number}.stl"
        start = time.perf_counter()
        part = KINDS[asked.pop("family", "spur_gear")](asked)
        bd.export_stl(part, str(file), tolerance=CHORD_MM, angular_tolerance=0.3)
        took = time.perf_counter() - start
        found.append({"seconds": took, "volume_mm3": part.volume, "bytes": file.stat().st_size})
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
