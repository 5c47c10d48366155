"""What each printer and each material can do, as data with its sources."""

import math
from dataclasses import dataclass
from typing import Literal

from fieldlab.core.errors import InputError

Dialect = Literal["marlin", "klipper"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterProfile:
    """The limits of one printer; speeds and feeds in mm/s."""

    name: str
    bed_x_mm: float
    bed_y_mm: float
    height_mm: float
    nozzle_mm: float
    max_nozzle_degc: float
    max_bed_degc: float
    max_feed_mmps: float
    max_filament_mmps: float
    max_flow_mm3ps: float
    max_acceleration_mmps2: float
    acceleration_mmps2: float
    travel_mmps: float
    layer_mm: float
    line_mm: float
    start: tuple[str, ...]
    end: tuple[str, ...]
    dialect: Dialect = "marlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialProfile:
    """How one material is printed; windows are (lowest, highest) in degC."""

    name: str
    nozzle_window_degc: tuple[float, float]
    bed_window_degc: tuple[float, float]
    nozzle_degc: float
    bed_degc: float
    density_gpcm3: float
    max_flow_mm3ps: float
    speed_mmps: float
    outer_speed_mmps: float
    first_layer_speed_mmps: float
    min_layer_s: float
    fan_ratio: float
    retract_mm: float
    retract_mmps: float
    source: str
    filament_mm: float = 1.75

    @property
    def filament_mm2(self) -> float:
        """Return the cross-section of the filament."""
        return math.pi * self.filament_mm**2 / 4


PRINTERS: dict[str, PrinterProfile] = {
    "virtual": PrinterProfile(
        name="virtual",
        bed_x_mm=250.0,
        bed_y_mm=210.0,
        height_mm=210.0,
        nozzle_mm=0.4,
        max_nozzle_degc=300.0,
        max_bed_degc=120.0,
        max_feed_mmps=200.0,
        max_filament_mmps=120.0,
        max_flow_mm3ps=15.0,
        max_acceleration_mmps2=2500.0,
        acceleration_mmps2=1000.0,
        travel_mmps=150.0,
        layer_mm=0.2,
        line_mm=0.42,
        start=("G21", "G90", "M83"),
        end=("M107", "M104 S0", "M140 S0", "M84"),
    ),
}

MATERIALS: dict[str, MaterialProfile] = {
    "PLA": MaterialProfile(
        name="PLA",
        nozzle_window_degc=(190.0, 230.0),
        bed_window_degc=(40.0, 65.0),
        nozzle_degc=215.0,
        bed_degc=60.0,
        density_gpcm3=1.24,
        max_flow_mm3ps=12.0,
        speed_mmps=80.0,
        outer_speed_mmps=45.0,
        first_layer_speed_mmps=20.0,
        min_layer_s=8.0,
        fan_ratio=1.0,
        retract_mm=0.8,
        retract_mmps=35.0,
        source="Prusa Polymers, technical data sheet Prusament PLA",
    ),
    "PETG": MaterialProfile(
        name="PETG",
        nozzle_window_degc=(225.0, 260.0),
        bed_window_degc=(65.0, 95.0),
        nozzle_degc=245.0,
        bed_degc=85.0,
        density_gpcm3=1.27,
        max_flow_mm3ps=8.0,
        speed_mmps=60.0,
        outer_speed_mmps=35.0,
        first_layer_speed_mmps=20.0,
        min_layer_s=10.0,
        fan_ratio=0.4,
        retract_mm=0.8,
        retract_mmps=35.0,
        source="Prusa Polymers, technical data sheet Prusament PETG",
    ),
    "PA12": MaterialProfile(
        name="PA12",
        nozzle_window_degc=(240.0, 280.0),
        bed_window_degc=(60.0, 115.0),
        nozzle_degc=260.0,
        bed_degc=100.0,
        density_gpcm3=1.01,
        max_flow_mm3ps=8.0,
        speed_mmps=50.0,
        outer_speed_mmps=30.0,
        first_layer_speed_mmps=20.0,
        min_layer_s=12.0,
        fan_ratio=0.1,
        retract_mm=0.8,
        retract_mmps=35.0,
        source="Fiberlogy, technical data sheet Nylon PA12",
    ),
    "PA12-CF": MaterialProfile(
        name="PA12-CF",
        nozzle_window_degc=(245.0, 290.0),
        bed_window_degc=(60.0, 115.0),
        nozzle_degc=265.0,
        bed_degc=100.0,
        density_gpcm3=1.07,
        max_flow_mm3ps=8.0,
        speed_mmps=50.0,
        outer_speed_mmps=30.0,
        first_layer_speed_mmps=20.0,
        min_layer_s=12.0,
        fan_ratio=0.1,
        retract_mm=0.8,
        retract_mmps=35.0,
        source="Fiberlogy, technical data sheet Nylon PA12+CF15",
    ),
    "TPU": MaterialProfile(
        name="TPU",
        nozzle_window_degc=(210.0, 250.0),
        bed_window_degc=(20.0, 65.0),
        nozzle_degc=230.0,
        bed_degc=45.0,
        density_gpcm3=1.19,
        max_flow_mm3ps=3.5,
        speed_mmps=30.0,
        outer_speed_mmps=25.0,
        first_layer_speed_mmps=15.0,
        min_layer_s=10.0,
        fan_ratio=0.5,
        retract_mm=1.2,
        retract_mmps=20.0,
        source="NinjaTek, technical specifications NinjaFlex 85A",
    ),
}


def profile(printer: str, material: str) -> tuple[PrinterProfile, MaterialProfile]:
    """Return the two profiles; raises InputError naming what exists.

    >>> profile("virtual", "PLA")[1].density_gpcm3
    1.24
    """
    if printer not in PRINTERS:
        raise InputError(f"no printer '{printer}'; there is: {', '.join(sorted(PRINTERS))}")
    if material not in MATERIALS:
        raise InputError(f"no material '{material}'; there is: {', '.join(sorted(MATERIALS))}")
    return PRINTERS[printer], MATERIALS[material]
