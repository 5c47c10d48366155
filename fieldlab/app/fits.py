"""The fits of a home: what was learnt of each printer and material, in HOME/fits.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from fieldlab.app.cli.options import read_text, write_bytes
from fieldlab.core.errors import InputError
from partgen.fits import Fit, fit_of

FILE = "fits.json"


def read_fits(home: Path) -> dict[str, Fit]:
    """Return the fits of a home by `printer/material`; raises InputError for a broken file."""
    file = home / FILE
    if not file.is_file():
        return {}
    try:
        return {name: Fit(**fit) for name, fit in json.loads(read_text(file)).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{file}: is no file of fits ({error}); calibrate again") from error


def fit_for(home: Path, printer: str, material: str) -> Fit:
    """Return the fit of a printer with a material; one that changes nothing if none was learnt."""
    return read_fits(home).get(f"{printer}/{material}", Fit())


def learn_fit(home: Path, printer: str, material: str, found_mm: Mapping[str, float]) -> Fit:
    """Learn a fit from a measured calibration plate and keep it; raises InputError."""
    fit = fit_of(found_mm)
    fits = {**read_fits(home), f"{printer}/{material}": fit}
    text = json.dumps({name: asdict(each) for name, each in sorted(fits.items())}, indent=1)
    write_bytes(home / FILE, f"{text}\n".encode())
    return fit
