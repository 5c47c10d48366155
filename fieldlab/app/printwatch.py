"""A print is watched by the printer's own sensors: learnt from good prints, judged by layers."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import cast

from analytics.process import ProcessWatch, Trouble
from fieldlab.app.store import Store
from fieldlab.core.machine import Machine, parse_machine

FILE = "print-process.yaml"
LEARN_FROM, REMEMBER = 2, 8  # good prints
ROUND = 4

Rows = Sequence[Mapping[str, float]]


@cache
def process_machine() -> Machine:
    """Return what a printer's own sensors are called, and what they point to."""
    text = resources.files("machines").joinpath(FILE).read_text(encoding="utf-8")
    return parse_machine(text, file=FILE)


class PrintWatch:
    """Remembers the good prints of each printer and material, and judges new ones by them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(self, printer: str, material: str, rows: Rows) -> Trouble | None:
        """Return the first trouble of a print so far; None too while too few prints were learnt."""
        known = self._known(printer, material)
        if len(known) < LEARN_FROM or not rows:
            return None
        watch = ProcessWatch(process_machine())
        watch.learn(known)
        return watch.judge(rows)

    def learn(self, printer: str, material: str, job_key: str, rows: Rows) -> None:
        """Remember a print that was accepted; the same one once."""
        kept = self._kept(printer, material)
        if not rows or job_key in kept:
            return
        kept[job_key] = [{name: round(value, ROUND) for name, value in row.items()} for row in rows]
        newest = dict(list(kept.items())[-REMEMBER:])
        with self._store.transaction() as connection:
            self._store.keep(connection, _key(printer, material), json.dumps(newest).encode())

    def _known(self, printer: str, material: str) -> list[Rows]:
        return list(self._kept(printer, material).values())

    def _kept(self, printer: str, material: str) -> dict[str, Rows]:
        kept = self._store.kept(_key(printer, material)) or b"{}"
        return cast("dict[str, Rows]", json.loads(kept))


def sentence(trouble: Trouble) -> str:
    """Return what stopped a print, for its job.

    >>> sentence(Trouble(step=9, sensor="filament-flow", spreads=-8.0, component="nozzle",
    ...                  failure_mode="jam"))
    'layer 9: filament-flow is too low (8 spreads from normal); it looks like nozzle jam'
    """
    way = "low" if trouble.spreads < 0 else "high"
    told = f"layer {trouble.step}: {trouble.sensor} is too {way}"
    told += f" ({abs(trouble.spreads):.0f} spreads from normal)"
    if trouble.component is None:
        return told
    return f"{told}; it looks like {trouble.component} {trouble.failure_mode}"


def _key(printer: str, material: str) -> str:
    return f"good-prints/{printer}/{material}"
