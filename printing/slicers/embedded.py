"""Our own slicer: cross-sections of the solid, filled with lines, the same bytes every time."""

import hashlib
from dataclasses import dataclass, field

from manifold3d import CrossSection, FillRule, JoinType, Manifold

from fieldlab.core.errors import SliceError
from fieldlab.core.messages import Sliced
from printing.profiles import PrinterProfile, QualityProfile, profile, quality
from printing.slicers.mesh import solid_of
from printing.slicers.sections import sections_of
from printing.slicers.thumbnail import thumbnail
from printing.slicers.toolpaths import Fill, Toolpath, closed, island_paths
from printing.slicers.travel import Island
from printing.slicers.writer import Writer

_LARGEST_LAYERS = 2000
_SKIRT_MM = 5.0
_COARSE_MM = 0.02


class EmbeddedSlicer:
    """Slices a solid that needs no supports (fieldlab.core.ports.Slicer).

    Infill 1.0 prints solid; below that the inside is sparse, and bottom and top stay solid.
    """

    def __init__(self, quality_profile: QualityProfile | None = None) -> None:
        self._quality = quality_profile or quality("normal")

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh, centred on the bed.

        Raises
        ------
        MeshError
            If the bytes are no closed solid.
        SliceError
            If the part is larger than the printer, too thin to print, or needs supports.
        InputError
            If there is no such printer or material.
        """
        machine, filament = profile(printer, material)
        solid = _placed(solid_of(stl), machine, self._quality.layer_mm)
        height = float(solid.bounding_box()[5])
        count = max(1, round(height / self._quality.layer_mm))
        if count > _LARGEST_LAYERS:
            raise SliceError(f"{count} layers; at most {_LARGEST_LAYERS} can be sliced")
        step = height / count
        sections = sections_of(solid, count, step)
        filling = _Filling(self._quality, machine.line_mm, sections, step)
        writer = Writer(printer=machine, material=filament)
        for number in range(count):
            writer.layer((number + 1) * step, step, filling.islands(number))
        return _sliced(writer, solid, self._quality)


@dataclass(slots=True)
class _Filling:
    """The lines of every layer; layers that are alike are filled once."""

    quality: QualityProfile
    line_mm: float
    sections: list[CrossSection]
    step_mm: float
    _seen: dict[tuple[int, ...], list[Island]] = field(default_factory=dict)
    _solids: dict[tuple[int, ...], CrossSection] = field(default_factory=dict)

    def islands(self, number: int) -> list[Island]:
        """Return the islands of a layer."""
        section, solid = self.sections[number], self._solid(number)
        gyroid = self.quality.pattern == "gyroid" and self.quality.infill < 1.0
        key = (id(section), id(solid), number % 2, number if gyroid else 0, int(number == 0))
        if key not in self._seen:
            fill = Fill(
                line_mm=self.line_mm,
                walls=self.quality.walls,
                infill_ratio=self.quality.infill,
                angle_deg=45.0 if number % 2 else -45.0,
                pattern=self.quality.pattern,
                z_mm=number * self.step_mm,
            )
            islands = [
                Island(island_paths(piece, fill, solid), piece) for piece in section.decompose()
            ]
            if not any(island.paths for island in islands):
                raise SliceError(
                    f"layer {number + 1} is thinner than a line; make the wall thicker"
                )
            self._seen[key] = [*self._around(section), *islands] if number == 0 else islands
        return self._seen[key]

    def _solid(self, number: int) -> CrossSection:
        """Return the part of a layer that is near the outside, so must be solid."""
        skins = self.quality.skins
        if self.quality.infill >= 1.0:
            return self._solids.setdefault((), CrossSection())
        if number < skins or number + skins >= len(self.sections):
            return self.sections[number]
        window = self.sections[number - skins : number + skins + 1]
        key = (id(window[skins]), *dict.fromkeys(map(id, window)))
        if key not in self._solids:
            inner = window[skins]
            for each in {id(section): section for section in window}.values():
                inner ^= each
            self._solids[key] = window[skins] - inner
        return self._solids[key]

    def _around(self, section: CrossSection) -> list[Island]:
        """Return the skirt, and the brim from the outside in."""
        loops = [
            Toolpath(kind="skirt", points=closed(ring), width_mm=self.line_mm)
            for reach_mm, shape in self._rings(section)
            for ring in shape.offset(reach_mm, JoinType.Round, 2.0)
            .simplify(_COARSE_MM)
            .to_polygons()
        ]
        return [Island([loop], section) for loop in loops]

    def _rings(self, section: CrossSection) -> list[tuple[float, CrossSection]]:
        width, brim = self.line_mm, round(self.quality.brim_mm / self.line_mm)
        outside = _filled(section) if brim else section
        skirts = [
            (_SKIRT_MM + (brim + loop) * width, section.hull())
            for loop in range(self.quality.skirts)
        ]
        return [*skirts, *(((loop + 0.5) * width, outside) for loop in reversed(range(brim)))]


def _filled(section: CrossSection) -> CrossSection:
    """Return a section without its holes."""
    rings = [ring for ring in section.to_polygons() if CrossSection([ring]).area() > 0]
    return CrossSection(rings, FillRule.NonZero)


def _placed(solid: Manifold, machine: PrinterProfile, layer_mm: float) -> Manifold:
    x0, y0, z0, x1, y1, z1 = solid.bounding_box()
    size = (x1 - x0, y1 - y0, z1 - z0)
    room = (machine.bed_x_mm - 20.0, machine.bed_y_mm - 20.0, machine.height_mm - 10.0)
    if any(have > limit for have, limit in zip(size, room, strict=True)):
        found = " x ".join(f"{value:.1f}" for value in size)
        most = " x ".join(f"{value:.0f}" for value in room)
        raise SliceError(
            f"the part is {found} mm; printer '{machine.name}' makes at most {most} mm"
        )
    if size[2] < layer_mm / 2:
        raise SliceError(f"the part is {size[2]:.3f} mm high, less than half a layer")
    centre = ((x0 + x1) / 2, (y0 + y1) / 2)
    return solid.translate(
        (machine.bed_x_mm / 2 - centre[0], machine.bed_y_mm / 2 - centre[1], -z0)
    )


def _sliced(writer: Writer, solid: Manifold, chosen: QualityProfile) -> Sliced:
    machine, filament = writer.printer, writer.material
    grams = writer.filament_mm * filament.filament_mm2 * filament.density_gpcm3 / 1000
    gcode = writer.bytes(
        [
            "generated by the fieldlab slicer",
            f"printer: {machine.name}",
            f"fill_density = {100 * chosen.infill:g}%",
            f"filament_type = {filament.name}",
            f"filament_density = {filament.density_gpcm3:g}",
            f"filament_diameter = {filament.filament_mm:g}",
            f"filament used [mm] = {writer.filament_mm:.2f}",
            f"filament used [g] = {grams:.2f}",
            f"estimated printing time (normal mode) = {_spelled(writer.duration_s)}",
            *thumbnail(solid),
        ]
    )
    return Sliced(
        gcode=gcode,
        sha256=hashlib.sha256(gcode).hexdigest(),
        slicer="embedded",
        duration_s=round(writer.duration_s, 3),
        filament_mm=round(writer.filament_mm, 3),
        mass_g=round(grams, 4),
        layers=writer.layers,
    )


def _spelled(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m {rest}s"
