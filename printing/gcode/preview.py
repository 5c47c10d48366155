"""G-code as lines for a page: per layer, polylines with centimillimetre whole numbers."""

from fieldlab.core.gcode import parse

Polyline = list[int]  # x0, y0, x1, y1, ... in hundredths of a millimetre
Layer = tuple[float, list[Polyline]]


def layers(gcode: bytes, *, least_step_mm: float = 0.2) -> list[Layer]:
    """Return (z_mm, polylines) of each layer, in the order of printing.

    Points nearer than `least_step_mm` to the one before are left out, ends are kept. Raises
    GcodeError if the file is not G-code.
    """
    found: dict[float, list[Polyline]] = {}
    at = {"X": 0.0, "Y": 0.0, "Z": 0.0, "E": 0.0}
    relative = False
    pen: list[tuple[float, float]] = []
    for command in parse(gcode.decode("utf-8")):
        if command.code in ("M82", "M83"):
            relative = command.code == "M83"
        words = {name: value for name, value in command.words.items() if value is not None}
        if command.code == "G92":
            at["E"] = words.get("E", at["E"])
        if command.code not in ("G0", "G1", "G2", "G3"):
            continue
        target = {name: words.get(name, at[name]) for name in "XYZ"}
        level = words.get("E", 0.0 if relative else at["E"])
        pushed = level if relative else level - at["E"]
        moved = target["X"] != at["X"] or target["Y"] != at["Y"]
        if pushed > 0 and moved:
            pen = pen or [(at["X"], at["Y"])]
            pen.append((target["X"], target["Y"]))
        elif moved or target["Z"] != at["Z"]:
            _lift(found, at["Z"], pen, least_step_mm)
            pen = []
        at = {**target, "E": level}
    _lift(found, at["Z"], pen, least_step_mm)
    return list(found.items())


def _lift(
    found: dict[float, list[Polyline]], z_mm: float, pen: list[tuple[float, float]], step_mm: float
) -> None:
    """Keep the polyline that ends here."""
    if len(pen) < 2:
        return
    kept = [pen[0]]
    for x, y in pen[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= step_mm:
            kept.append((x, y))
    kept.append(pen[-1])
    line = [round(100 * value) for point in kept for value in point]
    found.setdefault(round(z_mm, 3), []).append(line)
