"""Hundreds of gears from their bytes: volume and sizes against formulas of their own."""

from math import acos, cos, pi, radians, sin, tan

import numpy as np
import pytest
from hypothesis import settings

from fieldlab.core.errors import PartError
from fieldlab.core.messages import PartOrder
from partgen.compose import compose
from partgen.export import from_stl
from partgen.verify import verify

Sizes = dict[str, float | int]
GEARS = 200 if settings().max_examples > 100 else 40  # 200 in `make soak`


def inv(angle: float) -> float:
    return tan(angle) - angle


def tooth_half_angle(sizes: Sizes, radius: float) -> float:
    """Return half the angle of a tooth at a radius, from its thickness at the pitch circle."""
    m, z, x = sizes["module_mm"], sizes["teeth"], sizes["profile_shift"]
    alpha = radians(sizes["pressure_angle_deg"])
    thick = m * (pi / 2 + 2 * x * tan(alpha)) - sizes["backlash_mm"] / 2
    at = acos(min(m * z / 2 * cos(alpha) / radius, 1.0))
    return thick / (m * z) + inv(alpha) - inv(at)


def root_points(sizes: Sizes, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Return radius and half tooth angle along the root that the rack's round edge envelops.

    The edge's middle runs on an extended involute of the pitch circle; the root lies the edge's
    radius beside it, along the normal through the rolling point.
    """
    m, z, x = sizes["module_mm"], sizes["teeth"], sizes["profile_shift"]
    alpha, r = radians(sizes["pressure_angle_deg"]), sizes["module_mm"] * sizes["teeth"] / 2
    edge = min(0.38, (pi / 4 - 1.25 * tan(alpha)) * cos(alpha) / (1 - sin(alpha))) * m
    off = pi * m / 4 + sizes["backlash_mm"] / 4
    off = off - (1.25 * m - edge) * tan(alpha) - edge / cos(alpha)  # from the space's middle
    down = 1.25 * m - edge - x * m
    # the gear stands still, the rack rolls by an angle
    roll = np.linspace(off / r, (off - down / tan(alpha)) / r, count)
    along = off - r * roll  # of the edge's middle before the rolling point
    turn = roll
    middle_x = (r - down) * np.sin(turn) + along * np.cos(turn)
    middle_y = (r - down) * np.cos(turn) - along * np.sin(turn)
    point_x, point_y = r * np.sin(turn), r * np.cos(turn)
    far = np.hypot(middle_x - point_x, middle_y - point_y)
    root_x = middle_x + edge * (middle_x - point_x) / far
    root_y = middle_y + edge * (middle_y - point_y) / far
    return np.hypot(root_x, root_y), pi / z - np.arctan2(root_x, root_y)


def is_undercut(sizes: Sizes) -> bool:
    """Return whether the rack's flank begins beyond the end of the line of action."""
    z, x = sizes["teeth"], sizes["profile_shift"]
    slope = sin(radians(sizes["pressure_angle_deg"]))
    edge = min(0.38, (pi / 4 - 1.25 * slope / (1 - slope**2) ** 0.5) * (1 - slope**2) ** 0.5
               / (1 - slope))  # fmt: skip
    return 1.25 - edge * (1 - slope) - x > z / 2 * slope**2


def volume_mm3(sizes: Sizes) -> float:
    """Return the gear's volume by integrating the tooth's angle over the radius."""
    m, z, x = sizes["module_mm"], sizes["teeth"], sizes["profile_shift"]
    tip, root = m * (z / 2 + 1 + x), m * (z / 2 - 1.25 + x)
    base = m * z / 2 * cos(radians(sizes["pressure_angle_deg"]))
    reach, half = root_points(sizes)
    grid = np.linspace(root, tip, 6001)
    fillet = np.interp(grid, reach, half, right=np.inf)
    flank = np.array([tooth_half_angle(sizes, g) if g > base else np.inf for g in grid])
    # the root goes over into the flank, or, where the rack cuts under, crosses it
    below = np.minimum(fillet, flank) if is_undercut(sizes) else fillet
    tooth = np.minimum(np.where(grid < reach.max(), below, flank), pi / z)
    area = pi * root**2 + z * float(np.trapezoid(2 * tooth * grid, grid))
    area -= pi * sizes["bore_mm"] ** 2 / 4
    hub = pi / 4 * (sizes["hub_mm"] ** 2 - sizes["bore_mm"] ** 2) * sizes["hub_length_mm"]
    return area * sizes["width_mm"] + (hub if sizes["hub_mm"] else 0.0)


def random_gears() -> list[tuple[Sizes, bytes]]:
    """Return gears that can be made, with their bytes."""
    rng = np.random.default_rng(4)
    made: list[tuple[Sizes, bytes]] = []
    while len(made) < GEARS:
        sizes: Sizes = {
            "module_mm": float(rng.choice([0.5, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0])),
            "teeth": int(rng.integers(12, 90)),
            "width_mm": round(rng.uniform(3, 30), 2),
            "bore_mm": round(rng.uniform(2, 12), 2),
            "profile_shift": round(rng.uniform(-0.3, 0.6), 3),
            "pressure_angle_deg": float(rng.choice([17.5, 20.0, 20.0, 22.5, 25.0])),
            "backlash_mm": round(rng.uniform(0, 0.15), 3),
            "hub_mm": 0.0,
            "hub_length_mm": 0.0,
        }
        if rng.random() < 0.5:
            sizes |= {"hub_mm": sizes["bore_mm"] + 4.0, "hub_length_mm": 5.0}
        try:
            part = compose(PartOrder(family="spur_gear", material="PA12", sizes=sizes))
        except PartError:
            continue
        assert verify(part, level="batch").ok
        made.append((sizes, part.stl))
    return made


@pytest.fixture(scope="module")
def gears() -> list[tuple[Sizes, bytes]]:
    return random_gears()


def test_the_volume_of_random_gears_is_that_of_the_formulas(
    gears: list[tuple[Sizes, bytes]],
) -> None:
    off = [abs(from_stl(stl).volume_mm3 / volume_mm3(sizes) - 1) for sizes, stl in gears]

    assert max(off) < 5e-4


def test_tip_root_and_bore_of_random_gears_are_within_10_um(
    gears: list[tuple[Sizes, bytes]],
) -> None:
    for sizes, stl in gears:
        corners = from_stl(stl).vertices
        reach = np.hypot(corners[:, 0], corners[:, 1])
        m, z, x = sizes["module_mm"], sizes["teeth"], sizes["profile_shift"]
        root = m * (z - 2.5 + 2 * x)
        outer = reach[(corners[:, 2] == 0) & (reach > (root + sizes["bore_mm"]) / 4)]

        assert 2 * reach.max() == pytest.approx(m * (z + 2 + 2 * x), abs=0.01)
        assert 2 * outer.min() == pytest.approx(root, abs=0.01)
        assert 2 * reach.min() == pytest.approx(sizes["bore_mm"], abs=0.01)


def test_flanks_of_random_gears_are_within_5_um(gears: list[tuple[Sizes, bytes]]) -> None:
    for sizes, stl in gears:
        corners = from_stl(stl).vertices
        flat = corners[corners[:, 2] == 0][:, :2]
        flat = flat[np.argsort(np.arctan2(flat[:, 1], flat[:, 0]), kind="stable")]
        flat = flat[np.hypot(*flat.T) > sizes["bore_mm"] / 2 + 0.01]
        tip = sizes["module_mm"] * (sizes["teeth"] / 2 + 1 + sizes["profile_shift"])
        base = sizes["module_mm"] * sizes["teeth"] / 2 * cos(radians(sizes["pressure_angle_deg"]))
        form = float(root_points(sizes)[0].max())
        pitch = 2 * pi / sizes["teeth"]
        ahead = np.roll(flat, -1, axis=0)
        ends = np.minimum(np.hypot(*flat.T), np.hypot(*ahead.T))
        tops = np.maximum(np.hypot(*flat.T), np.hypot(*ahead.T))
        along = (ends > max(form, base) + 0.02 * sizes["module_mm"]) & (tops - ends > 1e-3)
        for share in (0.0, 0.25, 0.5, 0.75):
            spots = (flat + share * (ahead - flat))[along]
            reach = np.hypot(*spots.T)
            inside = reach < tip - 1e-4
            turn = np.mod(np.arctan2(spots[:, 1], spots[:, 0]) + pitch / 2, pitch) - pitch / 2
            wanted = np.array([tooth_half_angle(sizes, r) for r in reach[inside]])
            off = np.abs(np.abs(turn[inside]) - wanted) * base
            assert off.max() < 0.005, sizes
