"""Generations of parts: what was promised of a life is proven by it, or withdrawn."""

from typing import Any

from fieldlab.app.generations import Generation, fleet, generations

HOUR_S = 3600.0


def case(
    opened_h: float, age_h: float, *, fitted_h: float | None = None, generation: int = 2,
    life: tuple[float, float, float] | None = (10.0, 20.0, 40.0), machine: str = "m",
    width: float = 14.0,
) -> dict[str, Any]:  # fmt: skip
    return {
        "machine_id": machine,
        "component": "pinion",
        "opened_s": opened_h * HOUR_S,
        "fitted_s": None if fitted_h is None else fitted_h * HOUR_S,
        "previous": {"sizes": {"width_mm": 12.0}, "material": "PA12", "generation": generation - 1},
        "order": {
            "family": "spur_gear", "material": "PA12", "sizes": {"width_mm": width},
            "generation": generation,
        },
        "redesign": {
            "seen": {"age_h": age_h},
            "life": None if life is None else dict(zip(("low_h", "value_h", "high_h"), life,
                                                       strict=True)),
        },
    }  # fmt: skip


def named(found: list[Generation]) -> list[tuple[int, float, str]]:
    return [(each.generation, each.lived_h, each.claim) for each in found]


def test_a_part_that_outlives_the_low_end_proves_its_promise() -> None:
    cases = [case(8.0, 8.0, fitted_h=9.0), case(24.0, 15.0, generation=3)]

    assert named(generations(cases, {"m": 24 * HOUR_S})) == [(1, 8.0, "none"), (2, 15.0, "proven")]


def test_a_part_that_fails_early_withdraws_its_promise() -> None:
    cases = [case(8.0, 8.0, fitted_h=9.0), case(14.0, 5.0, fitted_h=15.0, generation=3)]

    found = generations(cases, {"m": 16 * HOUR_S})

    assert named(found) == [(1, 8.0, "none"), (2, 5.0, "withdrawn"), (3, 1.0, "open")]
    assert [each.ended for each in found] == [True, True, False]


def test_a_running_part_proves_its_promise_as_soon_as_it_is_old_enough() -> None:
    cases = [case(8.0, 8.0, fitted_h=9.0)]

    assert named(generations(cases, {"m": 18 * HOUR_S}))[-1] == (2, 9.0, "open")
    assert named(generations(cases, {"m": 19 * HOUR_S}))[-1] == (2, 10.0, "proven")


def test_one_early_failure_on_any_machine_withdraws_the_claim_of_a_design() -> None:
    cases = [
        case(8.0, 8.0, fitted_h=9.0), case(40.0, 31.0, generation=3),
        case(8.0, 8.0, fitted_h=9.0, machine="n"), case(12.0, 3.0, generation=3, machine="n"),
        case(8.0, 8.0, fitted_h=9.0, machine="o", width=16.0),
    ]  # fmt: skip

    common, other = fleet(generations(cases, {"o": 10 * HOUR_S}))

    assert (common["parts"], common["lives_h"], common["claim"]) == (2, [31.0, 3.0], "withdrawn")
    assert (other["parts"], other["claim"]) == (1, "open")


def test_a_part_without_a_promise_has_no_claim() -> None:
    found = generations([case(8.0, 8.0, fitted_h=9.0, life=None)], {"m": 20 * HOUR_S})

    assert named(found)[-1] == (2, 11.0, "none")
    assert fleet(found) == []
