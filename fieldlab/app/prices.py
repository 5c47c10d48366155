"""What standing still and printing cost, and what a part costs by those prices."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError

from fieldlab.core.errors import SettingsError
from fieldlab.core.strict import Strict, dotted, explain

FILE = "prices.yaml"
Eur = Annotated[float, Field(ge=0, le=1e9, strict=False)]
Minutes = Annotated[float, Field(ge=0, le=10_000, strict=False)]


class Prices(Strict):
    """The workshop's own prices; the file that comes along is a small bakery's."""

    fieldlab_prices: Literal[1]
    standstill_eur_per_h: Eur
    hours_per_day: Annotated[float, Field(gt=0, le=24, strict=False)]
    swap_h: Annotated[float, Field(ge=0, le=1000, strict=False)]
    lead_time_days: Annotated[float, Field(ge=0, le=1000, strict=False)]
    part_eur: Eur
    printer_eur_per_h: Eur
    material_eur_per_kg: dict[str, Eur]

    printer_w: Annotated[float, Field(ge=0, le=100_000, strict=False)] = 150.0
    electricity_eur_per_kwh: Eur = 0.30
    person_eur_per_h: Eur = 42.0
    print_person_min: Minutes = 15.0
    order_person_min: Minutes = 20.0

    def per_kg(self, material: str) -> float | None:
        """Return the price of a material per kilogram, None if the file has none."""
        return self.material_eur_per_kg.get(material)

    def print_eur(self, material: str, mass_g: float, print_s: float) -> float | None:
        """Return what a printed part costs; None when its material has no price."""
        per_kg = self.per_kg(material)
        return None if per_kg is None else self.print_eur_of(per_kg, mass_g, print_s)

    def print_eur_of(self, per_kg: float, mass_g: float, print_s: float) -> float:
        """Return what a print costs: material, the printer's hours and its electricity."""
        hour_eur = self.printer_eur_per_h + self.printer_w / 1000 * self.electricity_eur_per_kwh
        return per_kg * mass_g / 1000 + hour_eur * print_s / 3600


def read_prices(text: str, *, file: str = FILE) -> Prices:
    """Return the prices of a YAML text.

    Raises
    ------
    SettingsError
        One line for each wrong key.
    """
    try:
        return Prices.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}: cannot be read as YAML ({error})".splitlines()[0]) from error
    except ValidationError as error:
        lines = (f"{file}: {dotted(found['loc'])} {explain(found)}" for found in error.errors())
        raise SettingsError("\n".join(lines)) from error


def default_prices() -> Prices:
    """Return the prices that come along."""
    return read_prices((resources.files("machines") / FILE).read_text())


def prices_of(home: Path) -> Prices:
    """Return the prices of a home's own file, else those that come along; raises SettingsError."""
    own = home / FILE
    return read_prices(own.read_text(), file=str(own)) if own.is_file() else default_prices()


def cost_of(case: Mapping[str, Any], replace: Mapping[str, Any], prices: Prices) -> dict[str, Any]:
    """Return what a case's part costs to print and to buy; None where that is not known.

    `replace` is the component's `replace` in the machine file.
    """
    order, sliced, buy = case.get("order"), case.get("sliced"), replace.get("buy")
    print_eur = None
    if order and sliced:
        print_eur = prices.print_eur(order["material"], sliced["mass_g"], sliced["duration_s"])
    return {
        "print_eur": None if print_eur is None else round(print_eur, 2),
        "print_s": sliced["duration_s"] if sliced else None,
        "mass_g": sliced["mass_g"] if sliced else None,
        "buy": None if not buy else {
            "article": buy.get("article"), "eur": buy.get("price_eur"),
            "lead_time_days": buy.get("lead_time_days"),
        },
        "standstill_eur_per_h": prices.standstill_eur_per_h,
    }  # fmt: skip
