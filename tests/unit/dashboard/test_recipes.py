"""What the page tells a student to run speaks the language that the hub understands."""

import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fieldlab.core.codec import HEADER, decode_wave
from fieldlab.core.machine import parse_machine

RECIPES = Path(__file__).parents[3] / "dashboard" / "web" / "src" / "recipes"
CODES = {"uint8_t": "B", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q", "double": "d",
         "float": "f"}  # fmt: skip


def run(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a recipe up to its main; the device's own library is not here."""
    smbus2 = types.ModuleType("smbus2")
    smbus2.__dict__["SMBus"] = None
    monkeypatch.setitem(sys.modules, "smbus2", smbus2)
    found: dict[str, Any] = {"__name__": "recipe"}
    exec(compile((RECIPES / name).read_text(), name, "exec"), found)  # noqa: S102 - our own
    return found


@pytest.mark.parametrize("file", sorted(RECIPES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_recipe_comes_with_a_good_machine_file(file: Path) -> None:
    machine = parse_machine(file.read_text())

    assert machine.id == "my-rig"
    assert machine.components


@pytest.mark.parametrize("name", ["pi", "phone"])
def test_the_blocks_of_python_recipes_are_read_by_the_hub(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = run(f"{name}.py", monkeypatch)
    samples = np.linspace(-1, 1, recipe["COUNT"]).tolist()

    wave, stamp, _ = decode_wave(recipe["block"](7, 3, 1_790_000_000.25, samples), "acc")

    spec = parse_machine((RECIPES / f"{name}.yaml").read_text()).sensors["acc"]
    assert (wave.rate_hz, wave.t_s, wave.last) == (spec.rate_hz, 1_790_000_000.25, True)
    assert (stamp.boot, stamp.seq) == (7, 3)
    assert wave.samples == pytest.approx(np.array(samples), abs=1e-6)


def test_a_phones_uneven_samples_become_an_even_wave_in_g(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = run("phone.py", monkeypatch)
    rng = np.random.default_rng(1)
    times_s = np.sort(rng.uniform(0, 1.2, 500)).tolist()
    values = [9.80665 * (1 + 0.1 * np.sin(2 * np.pi * 5 * t_s)) for t_s in times_s]

    found = recipe["evenly"](times_s, values, times_s[0])

    at_s = times_s[0] + np.arange(recipe["COUNT"]) / recipe["RATE_HZ"]
    assert found == pytest.approx(1 + 0.1 * np.sin(2 * np.pi * 5 * at_s), abs=0.01)
    assert recipe["evenly"](times_s[:100], values[:100], times_s[0]) is None


def test_the_header_of_the_arduino_recipe_is_that_of_the_hub() -> None:
    text = (RECIPES / "esp32.ino").read_text()
    struct = re.search(r"struct Header \{(.*?)\};", text, re.DOTALL)
    assert struct is not None

    members = re.findall(r"(\w+) (\w+)(?:\[(\d+)\])?;", struct.group(1))

    layout = "".join(f"{size}s" if size else CODES[kind] for kind, _, size in members)
    assert f"<{layout}" == HEADER.format
    assert "{'F', 'L', 'W', '1'}, 1, 2, 1, COUNT" in text  # version 1, int16, one channel
