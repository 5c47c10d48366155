"""The machine file is read strictly, and every error can be acted on."""

from importlib import resources

import pytest

from fieldlab.core.errors import MachineFileError
from fieldlab.core.machine import Machine, load_machine, parse_machine, turns_per_turn

COOKIE = (resources.files("machines") / "cookie-line.yaml").read_text()


def problem_of(text: str) -> str:
    with pytest.raises(MachineFileError) as caught:
        parse_machine(text, file="m.yaml")
    return str(caught.value)


def test_the_demo_machine_is_well_described() -> None:
    machine = parse_machine(COOKIE)

    assert machine.id == "cookie-line-3"
    assert machine.conditions == ("motor-speed", "product-load", "ambient-temp")


def test_a_machine_survives_the_way_over_json() -> None:
    machine = parse_machine(COOKIE)

    again = load_machine(machine.model_dump(mode="json"))

    assert again == machine


def test_two_equal_bushings_are_one_group() -> None:
    machine = parse_machine(COOKIE)

    assert machine.group_of("bushing-right") == ("bushing-left", "bushing-right")
    assert machine.group_of("pinion") == ("pinion",)


def test_a_driven_shaft_turns_at_the_product_of_the_ratios() -> None:
    root, ratio = turns_per_turn(parse_machine(COOKIE).shafts, "roller")

    assert root == "motor"
    assert ratio == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "nominal_rpm:",
            "nominl_rpm:",
            "m.yaml:9: shafts.motor.nominl_rpm: is not a known key; did",
        ),
        ("unit: g\n", "unit: degC\n", "unit 'degC' does not measure acceleration; use g, mg"),
        ("quantity: current", "quantity: curent", "sensors.motor-current.quantity: found 'curent'"),
        ("speed: motor-speed", "speed: motor-sped", "shafts.motor.speed: there is no sensor"),
        ("speed: motor-speed", "speed: motor-current", "does not measure rotational-speed"),
        ("driven_by: motor", "driven_by: roller", "drives itself in a circle"),
        ("driven_by: motor, ratio", "ratio", "'driven_by' and 'ratio' go together"),
        ("kind: gear", "kind: gaer", "components.pinion.kind: found 'gaer'; use one of"),
        ("mates: wheel", "mates: whel", "components.pinion.mates: there is no component 'whel'"),
        ("id: cookie-line-3", "id: Cookie Line", "m.yaml:4: id: found 'Cookie Line'; use a-z"),
        ("window_s: 1.0", "window_s: .nan", "m.yaml:6: window_s"),
        ("learn_s: 5400", "learn_s: -1", "should be greater than 0"),
        ("near: [acc-motor]", "near: [acc-moter]", "near: there is no sensor 'acc-moter'"),
        ("pitch_diameter_mm: 39.04", "pitch_diameter_mm: 3.9", "must be less than"),
        ("rolling_elements: 9\n", "\n", "give rolling_elements, element_diameter_mm and"),
        ("teeth: 20\n    mates", "mates", "components.pinion.teeth: is missing"),
        ("family: impeller", "famly: impeller", "famly: is not a known key; did you mean 'family'"),
        ("shafts:\n", "shafts: [\n", "not YAML"),
    ],
)
def test_a_wrong_key_is_named_with_what_would_work(good: str, bad: str, said: str) -> None:
    assert good in COOKIE

    assert said in problem_of(COOKIE.replace(good, bad, 1))


def test_a_key_that_stands_twice_is_refused() -> None:
    assert "window_s: stands here twice" in problem_of(COOKIE + "\nwindow_s: 2.0\n")


@pytest.mark.parametrize("text", ["", "just words", "[1, 2]", "a: *b", "\t", "{" * 50])
def test_what_is_no_machine_file_is_refused_in_one_line(text: str) -> None:
    assert len(problem_of(text).splitlines()) == 1


def test_a_giant_file_is_refused() -> None:
    assert "at most" in problem_of("#" * 300_000)


def test_a_symptom_of_a_missing_sensor_is_refused() -> None:
    plain = {
        "fieldlab": 1,
        "id": "loop",
        "sensors": {"flow": {"quantity": "flow", "unit": "l/min", "near": ["pump"]}},
        "components": {
            "valve": {"kind": "valve", "failure_modes": {"stuck": {"symptoms": {"flw": "down"}}}}
        },
    }

    with pytest.raises(MachineFileError) as caught:
        load_machine(plain)

    assert "failure_modes.stuck.symptoms: there is no sensor 'flw'" in str(caught.value)
    assert "sensors.flow.near: there is no component 'pump'" in str(caught.value)


def test_a_machine_without_components_is_fine() -> None:
    plain = {"fieldlab": 1, "id": "a", "sensors": {"t": {"quantity": "temperature", "unit": "K"}}}

    machine = load_machine(plain)

    assert isinstance(machine, Machine)
    assert not machine.sensors["t"].is_wave
