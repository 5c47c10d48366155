"""What each printer, material and quality can do: small tables in printing/data, with sources."""

import math
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from fieldlab.core.errors import InputError
from fieldlab.core.strict import Strict, dotted, explain

Dialect = Literal["marlin", "klipper"]
Pattern = Literal["lines", "gyroid"]
Length = Annotated[float, Field(gt=0, le=2000)]
Speed = Annotated[float, Field(gt=0, le=500)]
Acceleration = Annotated[float, Field(ge=20, le=20_000)]
Heat = Annotated[float, Field(ge=0, le=500)]
Window = Annotated[tuple[Heat, Heat], Field(strict=False)]
Lines = Annotated[tuple[str, ...], Field(strict=False)]


class PrinterProfile(Strict):
    """The limits of one printer."""

    name: str
    source: Annotated[str, Field(min_length=8)]
    dialect: Dialect
    bed_x_mm: Length
    bed_y_mm: Length
    height_mm: Length
    nozzle_mm: Annotated[float, Field(ge=0.1, le=2.0)]
    line_mm: Annotated[float, Field(ge=0.1, le=2.0)]
    max_nozzle_degc: Heat
    max_bed_degc: Heat
    max_feed_mmps: Annotated[float, Field(gt=0, le=1000)]
    max_filament_mmps: Speed
    max_flow_mm3ps: Annotated[float, Field(gt=0, le=100)]
    max_acceleration_mmps2: Acceleration
    acceleration_mmps2: Acceleration
    jerk_mmps: Annotated[float, Field(gt=0, le=30)]
    travel_mmps: Speed
    start: Lines
    end: Lines


class MaterialProfile(Strict):
    """How one material is printed; windows are (lowest, highest) in degC."""

    name: str
    source: Annotated[str, Field(min_length=8)]
    nozzle_window_degc: Window
    bed_window_degc: Window
    nozzle_degc: Heat
    bed_degc: Heat
    density_gpcm3: Annotated[float, Field(ge=0.5, le=5)]
    max_flow_mm3ps: Annotated[float, Field(gt=0, le=100)]
    speed_mmps: Speed
    outer_speed_mmps: Speed
    first_layer_speed_mmps: Speed
    min_layer_s: Annotated[float, Field(ge=0, le=120)]
    fan_ratio: Annotated[float, Field(ge=0, le=1)]
    retract_mm: Annotated[float, Field(ge=0, le=8)]
    retract_mmps: Speed
    filament_mm: Annotated[float, Field(ge=1, le=3)]

    @property
    def filament_mm2(self) -> float:
        """Return the cross-section of the filament."""
        return math.pi * self.filament_mm**2 / 4

    @model_validator(mode="after")
    def _inside_its_windows(self) -> Self:
        for name in ("nozzle", "bed"):
            low, high = getattr(self, f"{name}_window_degc")
            if not low <= getattr(self, f"{name}_degc") <= high:
                raise ValueError(f"{name}_degc is outside {low:g} to {high:g}")
        return self


class QualityProfile(Strict):
    """How finely a part is printed."""

    name: str
    source: Annotated[str, Field(min_length=8)]
    layer_mm: Annotated[float, Field(ge=0.04, le=0.6)]
    walls: Annotated[int, Field(ge=1, le=10)]
    skins: Annotated[int, Field(ge=1, le=20)]
    infill: Annotated[float, Field(ge=0.05, le=1.0)]
    pattern: Pattern
    brim_mm: Annotated[float, Field(ge=0, le=15)]
    skirts: Annotated[int, Field(ge=0, le=10)]


def profile(printer: str, material: str) -> tuple[PrinterProfile, MaterialProfile]:
    """Return the two profiles; raises InputError naming what exists.

    >>> profile("virtual", "PLA")[1].density_gpcm3
    1.24
    """
    return _pick("printer", printers(), printer), _pick("material", materials(), material)


def quality(name: str) -> QualityProfile:
    """Return a quality; raises InputError naming what exists."""
    return _pick("quality", qualities(), name)


@cache
def printers() -> dict[str, PrinterProfile]:
    """Return all printers by name."""
    return _table("printers.toml", PrinterProfile)


@cache
def materials() -> dict[str, MaterialProfile]:
    """Return all materials by name."""
    return _table("materials.toml", MaterialProfile)


@cache
def qualities() -> dict[str, QualityProfile]:
    """Return all qualities by name."""
    return _table("qualities.toml", QualityProfile)


Profile = TypeVar("Profile", PrinterProfile, MaterialProfile, QualityProfile)


def _table(file: str, kind: type[Profile]) -> dict[str, Profile]:
    text = (files("printing") / "data" / file).read_text(encoding="utf-8")
    return read_table(text, kind, where=file)


def read_table(text: str, kind: type[Profile], *, where: str) -> dict[str, Profile]:
    """Return the profiles of a table in TOML; raises InputError naming the key that is wrong."""
    try:
        tables = tomllib.loads(text)
        return {name: kind(name=name, **values) for name, values in tables.items()}
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: {error}") from error
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        key = dotted(found["loc"])
        raise InputError(f"{where}: {key} {explain(found, tuple(kind.model_fields))}") from error


def _pick(what: str, known: dict[str, Profile], name: str) -> Profile:
    if name not in known:
        raise InputError(f"no {what} '{name}'; there is: {', '.join(sorted(known))}")
    return known[name]
