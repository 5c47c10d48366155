"""Our own slicer: cross-sections of the solid, filled with lines, the same bytes every time."""

import hashlib

from manifold3d import CrossSection, Manifold

from fieldlab.core.errors import SliceError
from fieldlab.core.messages import Sliced
from printing.profiles import MaterialProfile, PrinterProfile, profile
from printing.slicers.mesh import solid_of
from printing.slicers.toolpaths import Fill, Toolpath, closed, island_paths
from printing.slicers.writer import Writer

_SIMPLIFY_MM = 0.004
_SOLID_LAYERS = 4
_LARGEST_LAYERS = 2000


class EmbeddedSlicer:
    """Slices a solid that needs no supports (fieldlab.core.ports.Slicer).

    `infill_ratio` 1.0 prints solid; below that the inside is sparse, and bottom and top stay
    solid. `skirt_loops` draws loops around the first layer.
    """

    def __init__(self, *, walls: int = 2, infill_ratio: float = 1.0, skirt_loops: int = 0) -> None:
        if walls < 1 or not 0.05 <= infill_ratio <= 1.0 or not 0 <= skirt_loops <= 10:
            raise SliceError("walls must be 1 or more, infill 0.05 to 1, skirt loops 0 to 10")
        self._walls = walls
        self._infill_ratio = infill_ratio
        self._skirt_loops = skirt_loops

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh, centred on the bed.

        Raises
        ------
        MeshError
            If the bytes are no closed solid.
        SliceError
            If the part is larger than the printer, or too thin to print.
        InputError
            If there is no such printer or material.
        """
        machine, filament = profile(printer, material)
        solid = _placed(solid_of(stl), machine)
        height = float(solid.bounding_box()[5])
        count = max(1, round(height / machine.layer_mm))
        if count > _LARGEST_LAYERS:
            raise SliceError(f"{count} layers; at most {_LARGEST_LAYERS} can be sliced")
        step = height / count
        layers = self._layers(solid, count, step, machine.line_mm)
        writer = Writer(printer=machine, material=filament)
        writer.open(_notes(machine, filament, count))
        for number, islands in enumerate(layers):
            writer.layer(number, (number + 1) * step, step, islands)
        writer.close(height)
        return _sliced(writer, filament, count)

    def _layers(
        self, solid: Manifold, count: int, step: float, line_mm: float
    ) -> list[list[list[Toolpath]]]:
        sections = [
            solid.slice((number + 0.5) * step).simplify(_SIMPLIFY_MM) for number in range(count)
        ]
        seen: dict[tuple[bytes, ...], list[list[Toolpath]]] = {}
        layers = []
        for number, section in enumerate(sections):
            if section.area() < 1e-4:
                raise SliceError(
                    f"layer {number + 1} of {count} is empty; the part is in two pieces"
                )
            fill = Fill(
                line_mm=line_mm,
                walls=self._walls,
                infill_ratio=self._infill_ratio,
                angle_deg=45.0 if number % 2 else -45.0,
            )
            solid_here = self._solid_here(sections, number)
            key = _key(section, solid_here, number % 2)
            if key not in seen:
                seen[key] = [
                    island_paths(island, fill, solid_here) for island in section.decompose()
                ]
                _printable(seen[key], number)
            layers.append(seen[key])
        return [self._with_skirt(sections[0], line_mm, layers[0]), *layers[1:]]

    def _solid_here(self, sections: list[CrossSection], number: int) -> CrossSection:
        """Return the part of a layer that is near the outside, so must be solid."""
        if self._infill_ratio >= 1.0:
            return CrossSection()
        here = sections[number]
        low, high = number - _SOLID_LAYERS, number + _SOLID_LAYERS
        if low < 0 or high >= len(sections):
            return here
        return here - (sections[low] ^ sections[high])

    def _with_skirt(
        self, section: CrossSection, line_mm: float, islands: list[list[Toolpath]]
    ) -> list[list[Toolpath]]:
        hull = section.hull()
        loops = [
            Toolpath(kind="skirt", points=closed(ring), width_mm=line_mm)
            for number in range(self._skirt_loops)
            for ring in hull.offset(3.0 + number * line_mm).simplify(_SIMPLIFY_MM).to_polygons()
        ]
        return [loops, *islands] if loops else islands


def _placed(solid: Manifold, machine: PrinterProfile) -> Manifold:
    x0, y0, z0, x1, y1, z1 = solid.bounding_box()
    size = (x1 - x0, y1 - y0, z1 - z0)
    room = (machine.bed_x_mm - 20.0, machine.bed_y_mm - 20.0, machine.height_mm - 10.0)
    if any(have > limit for have, limit in zip(size, room, strict=True)):
        found = " x ".join(f"{value:.1f}" for value in size)
        most = " x ".join(f"{value:.0f}" for value in room)
        raise SliceError(
            f"the part is {found} mm; printer '{machine.name}' makes at most {most} mm"
        )
    if size[2] < machine.layer_mm / 2:
        raise SliceError(f"the part is {size[2]:.3f} mm high, less than half a layer")
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    return solid.translate(
        (machine.bed_x_mm / 2 - centre[0], machine.bed_y_mm / 2 - centre[1], -z0)
    )


def _key(section: CrossSection, solid_here: CrossSection, parity: int) -> tuple[bytes, ...]:
    rings = [ring.tobytes() for ring in section.to_polygons()]
    return (bytes([parity]), *rings, b"|", *(ring.tobytes() for ring in solid_here.to_polygons()))


def _printable(islands: list[list[Toolpath]], number: int) -> None:
    if not any(islands):
        raise SliceError(f"layer {number + 1} is thinner than a line; make the wall thicker")


def _notes(machine: PrinterProfile, filament: MaterialProfile, count: int) -> list[str]:
    return [
        "generated by the fieldlab slicer",
        f"printer: {machine.name}",
        f"filament_type = {filament.name}",
        f"filament_density = {filament.density_gpcm3:g}",
        f"filament_diameter = {filament.filament_mm:g}",
        f"layers: {count}, relative extrusion",
    ]


def _sliced(writer: Writer, filament: MaterialProfile, count: int) -> Sliced:
    gcode = writer.bytes()
    grams = writer.filament_mm * filament.filament_mm2 * filament.density_gpcm3 / 1000
    return Sliced(
        gcode=gcode,
        sha256=hashlib.sha256(gcode).hexdigest(),
        slicer="embedded",
        duration_s=round(writer.duration_s, 3),
        filament_mm=round(writer.filament_mm, 3),
        mass_g=round(grams, 4),
        layers=count,
    )
