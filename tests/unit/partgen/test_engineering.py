"""The formulas, against published worked examples, to the digits that are printed there."""

import pytest

from partgen.engineering import beams, bushings, elastic, gears, rotors
from partgen.engineering.band import Band

PSI_MPA = 0.006894757
INCH_MM = 25.4
LBF_N = 4.448222


@pytest.mark.parametrize(
    ("module_mm", "teeth", "speed_rpm", "power_w", "width_mm", "printed"),
    [
        # Budynas and Nisbett, Shigley's Mechanical Engineering Design, 10th ed., solutions of
        # problems 14-3 and 14-4: m, N, n, H, F -> V, K_v, W_t, sigma.
        (1.25, 18, 1800, 500, 12, ("2.121", "1.348", "235.8", "68.6")),
        (8, 16, 150, 6000, 90, ("1.0053", "1.165", "5968", "32.6")),
    ],
)
def test_the_root_stress_of_shigleys_pinions(  # noqa: PLR0917
    module_mm: float, teeth: int, speed_rpm: float, power_w: float, width_mm: float,
    printed: tuple[str, str, str, str],
) -> None:  # fmt: skip
    pitch_mm = module_mm * teeth
    speed_mps = gears.pitch_speed_mps(pitch_mm, speed_rpm)
    force_n = power_w / speed_mps

    stress_mpa = gears.lewis_stress_mpa(
        force_n, width_mm=width_mm, module_mm=module_mm, teeth=teeth, speed_mps=speed_mps
    )

    found = (speed_mps, gears.velocity_factor(speed_mps), force_n, stress_mpa)
    assert tuple(as_printed(value, text) for value, text in zip(found, printed, strict=True)) == (
        printed
    )


def as_printed(value: float, printed: str) -> str:
    """Return a value with as many decimals as are printed."""
    return f"{value:.{len(printed.partition('.')[2])}f}"


def test_the_width_of_shigleys_pinion_14_5() -> None:
    """Problem 14-5: m = 1, N = 16, 400 rpm, 150 W, 150 MPa -> F = 10.6 mm."""
    speed_mps = gears.pitch_speed_mps(16.0, 400.0)
    one_mm = gears.lewis_stress_mpa(
        150.0 / speed_mps, width_mm=1.0, module_mm=1.0, teeth=16, speed_mps=speed_mps
    )

    assert f"{one_mm / 150.0:.1f}" == "10.6"


def test_the_pinion_of_shigleys_problem_14_1_in_inches() -> None:
    """Problem 14-1: P = 6, N = 22, 1200 rpm, 15 hp, F = 2 in; K_v = 1.96 -> 7.63 kpsi."""
    module_mm, force_n = INCH_MM / 6, 429.7 * LBF_N

    static_mpa = gears.lewis_stress_mpa(
        force_n, width_mm=2 * INCH_MM, module_mm=module_mm, teeth=22
    )

    assert f"{1.96 * static_mpa / PSI_MPA / 1000:.2f}" == "7.63"


def test_the_life_of_shigleys_bushing_12_22() -> None:
    """Problem 12-22: 1 x 1 in, 500 lbf, f1 = 1.8, K = 0.6e-10, 0.005 in, 52.4 ft/min -> 1388 h.

    Shigley's depth follows the peak pressure, 4 / pi times the mean, and f1 stands by it.
    """
    mm3pnm = 0.6e-10 * INCH_MM**3 / (60 * LBF_N * 0.3048)  # in3 min / (lbf ft h)
    peak_mpa = bushings.peak_pressure_mpa(500 * LBF_N, bore_mm=INCH_MM, length_mm=INCH_MM)
    hour_m = 52.4 * 0.3048 * 60

    depth_mm = bushings.wear_mm(peak_mpa, hour_m, 1.8 * mm3pnm)

    assert f"{0.005 * INCH_MM / depth_mm:.0f}" == "1388"


def test_the_pressures_and_speed_of_shigleys_bushing_12_23() -> None:
    """Problem 12-23: 200 lbf on 1 x 1 in at 400 rpm -> 200 psi, 255 psi, 104.7 ft/min."""
    size = {"bore_mm": INCH_MM, "length_mm": INCH_MM}

    mean, peak = bushings.pressure_mpa(200 * LBF_N, **size), 4 / 3.14159265
    found = bushings.peak_pressure_mpa(200 * LBF_N, **size)
    speed_ftpmin = bushings.sliding_mps(INCH_MM, 400) * 60 / 0.3048

    assert f"{mean / PSI_MPA:.0f}" == "200"
    assert f"{found / PSI_MPA:.0f}" == "255"
    assert found == pytest.approx(mean * peak)
    assert f"{speed_ftpmin:.1f}" == "104.7"


def test_the_stresses_of_shigleys_saw_blade() -> None:
    """Shigley, rotating rings: a 10 in saw with a 3/4 in hole at 7200 rpm, 0.282 lbf/in3, 0.292.

    The solution prints 8555.5676 psi at the hole and 3655.757 psi between, with g = 386 in/s2.
    """
    density_kgpm3 = 0.282 * LBF_N / (386 * 0.0254) / 0.0254**3

    around, outward = rotors.disc_stresses_mpa(
        density_kgpm3, 7200, inner_mm=0.75 * INCH_MM, outer_mm=10 * INCH_MM, poisson=0.292
    )

    assert around / PSI_MPA == pytest.approx(8555.5676, rel=2e-5)
    assert outward / PSI_MPA == pytest.approx(3655.757, rel=2e-5)


def test_the_cantilever_of_shigleys_problem_4_17() -> None:
    """8th ed., 4-17: 10.833 lbf/in and 220 lbf over 48 in, 3.7 in4, 30 Mpsi -> 0.1378 in."""
    stiffness = 30e6 * 3.7

    found = beams.cantilever_line(10.833, 48, stiffness) + beams.cantilever_end(220, 48, stiffness)

    assert f"{found:.4f}" == "0.1378"


def test_the_section_of_shigleys_problem_4_15() -> None:
    """8th ed., 4-15: a bar of 9 by 35 mm has I = 32.156e3 mm4."""
    assert f"{beams.rectangle_mm4(9, 35) / 1000:.3f}" == "32.156"


def test_a_beam_on_two_supports_sags_by_geres_table() -> None:
    """Gere, 7th ed., table G-2 case 1 and problem 9.6-7: 5 q L4 / 384 E I."""
    found = beams.supported_line(3.0, 7.0, 11.0)

    assert found == pytest.approx(5 * 3.0 * 7.0**4 / (384 * 11.0))


@pytest.mark.parametrize(("thick", "printed"), [(1.0, "3.00"), (2.0, "1.50"), (0.75, "4.00")])
def test_the_shape_factors_of_masons_pads(thick: float, printed: str) -> None:
    """Mason Industries, Architectural and Building Systems: a pad of 12 x 12 in."""
    assert f"{elastic.shape_factor(12 * 12, 4 * 12 * thick):.2f}" == printed


def test_the_shape_factor_of_a_bridge_bearing() -> None:
    """A worked AASHTO section 14 design: 550 x 300 mm, a layer of 14 mm -> S = 6.93."""
    assert f"{elastic.shape_factor(550 * 300, 2 * 14 * (550 + 300)):.2f}" == "6.93"


def test_the_root_is_cooler_than_the_flank_and_both_warm_with_power() -> None:
    """VDI 2736-2's k: 895 and 6300 on steel, 2148 and 9000 on plastic; the rises are in ratio."""

    def rise(place: str, on_steel: bool, power_w: float = 100.0) -> float:
        return gears.tooth_temperature_degc(
            0.0, power_w=power_w, friction_ratio=0.2, loss=0.15, width_mm=12, teeth=20,
            speed_mps=2.3, module_mm=1.5, place=place, on_steel=on_steel,
        )  # fmt: skip

    assert rise("flank", True) / rise("root", True) == pytest.approx(6300 / 895)
    assert rise("flank", False) / rise("root", False) == pytest.approx(9000 / 2148)
    assert rise("root", False, 200.0) == pytest.approx(2 * rise("root", False))


def test_flank_wear_is_the_friction_work_times_the_rate_over_all_flanks() -> None:
    options = {"torque_nm": 4.0, "wear_mm3pnm": 1e-6, "loss": 0.15, "teeth": 20, "module_mm": 1.5}

    depth_mm = gears.flank_wear_mm(1e6, width_mm=12.0, **options)

    lost_mm3 = depth_mm * 12.0 * gears.flank_line_mm(1.5, 20) * 20
    assert lost_mm3 == pytest.approx(2 * 3.14159265 * 4.0 * 1e6 * 0.15 * 1e-6)
    assert gears.flank_wear_mm(1e6, width_mm=24.0, **options) == pytest.approx(depth_mm / 2)


def test_a_band_to_a_power_holds_ninety_of_a_hundred() -> None:
    band = Band.of(2.0, 1.5, 2.7).power(Band.of(4.0, 3.0, 5.3))

    assert band.value == pytest.approx(16.0)
    assert band.low < 16.0 / 3 < 16.0 * 3 < band.high
