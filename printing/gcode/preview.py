"""G-code as lines for a page: per layer, polylines with centimillimetre whole numbers."""

from fieldlab.core.gcode import parse
from printing.gcode.runs import runs, words_of

Polyline = list[int]  # x0, y0, x1, y1, ... in hundredths of a millimetre
Layer = tuple[float, list[Polyline]]


def layers(gcode: bytes, *, least_step_mm: float = 0.2) -> list[Layer]:
    """Return (z_mm, polylines) of each layer, in the order of printing.

    Points nearer than `least_step_mm` to the one before are left out, ends are kept. Raises
    GcodeError if the file is not G-code.
    """
    pen = _Pen(least_step_mm)
    text = gcode.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    done = 0
    for start, end in runs(text):
        pen.slowly(text[done:start])
        pen.fast(text[start:end])
        done = end
    pen.slowly(text[done:])
    pen.lift()
    return list(pen.found.items())


class _Pen:
    """Follows moves and keeps what is drawn without a break."""

    def __init__(self, step_mm: float) -> None:
        self.found: dict[float, list[Polyline]] = {}
        self._step_mm = step_mm
        self._at = {"X": 0.0, "Y": 0.0, "Z": 0.0, "E": 0.0}
        self._relative = False
        self._points: list[tuple[float, float]] = []

    def slowly(self, text: str) -> None:
        """Follow any lines."""
        for command in parse(text):
            if command.code in ("M82", "M83"):
                self._relative = command.code == "M83"
            words = {name: value for name, value in command.words.items() if value is not None}
            if command.code == "G92":
                self._at["E"] = words.get("E", self._at["E"])
            if command.code in ("G0", "G1", "G2", "G3"):
                self._move(words)

    def fast(self, text: str) -> None:
        """Follow lines that all have X, Y and E."""
        points = words_of(text).tolist()
        if not self._relative or min(e for _, _, e in points) <= 0:
            self.slowly(text)
            return
        self._points = self._points or [(self._at["X"], self._at["Y"])]
        self._points += [(x, y) for x, y, _ in points]
        self._at["X"], self._at["Y"], self._at["E"] = points[-1]

    def _move(self, words: dict[str, float]) -> None:
        at = self._at
        target = {name: words.get(name, at[name]) for name in "XYZ"}
        level = words.get("E", 0.0 if self._relative else at["E"])
        pushed = level if self._relative else level - at["E"]
        moved = target["X"] != at["X"] or target["Y"] != at["Y"]
        if pushed > 0 and moved:
            self._points = self._points or [(at["X"], at["Y"])]
            self._points.append((target["X"], target["Y"]))
        elif moved or target["Z"] != at["Z"]:
            self.lift()
        self._at = {**target, "E": level}

    def lift(self) -> None:
        """Keep the polyline that ends here."""
        points, self._points = self._points, []
        if len(points) < 2:
            return
        kept = [points[0]]
        last_x, last_y = points[0]
        for x, y in points[1:-1]:
            if abs(x - last_x) + abs(y - last_y) >= self._step_mm:
                kept.append((x, y))
                last_x, last_y = x, y
        kept.append(points[-1])
        line = [round(100 * value) for point in kept for value in point]
        self.found.setdefault(round(self._at["Z"], 3), []).append(line)
