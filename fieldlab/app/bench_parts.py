"""`fieldlab bench parts`: how fast parts are made and verified, beside build123d on the same gears.

The peer is build123d with bd_warehouse, in this Python or in the one that the setting
`bench.peer_python` names (FIELDLAB_BENCH__PEER_PYTHON).
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from fieldlab.app.batch import Bench, jobs_of, make_all
from fieldlab.core.clock import SystemClock
from fieldlab.core.messages import PartOrder
from fieldlab.core.settings import load_settings
from partgen.batch import batch_row
from partgen.compose import compose
from partgen.families import FAMILIES
from partgen.verify import verify

GEARS = 4500
PEER_GEARS = 8
PROCESSES = 2
REPEATS = 7
PEER = Path(__file__).with_name("peer_build123d.py")
PEER_PATIENCE_S = 300.0


def bench_parts() -> dict[str, Any]:
    """Return milliseconds for each family, the rate of a large batch, and the peer's time."""
    gears = random_gears(GEARS)
    return {**_families(), **_beside_peer(gears[:PEER_GEARS]), **_batch(gears)}


def random_gears(count: int) -> list[dict[str, float]]:
    """Return sizes of gears with bore and hub, no two alike."""
    rng = np.random.default_rng(20)
    bores = rng.uniform(4, 9, count)
    return [
        {
            "module_mm": round(float(rng.uniform(1.0, 2.5)), 3), "teeth": int(rng.integers(18, 45)),
            "width_mm": round(float(rng.uniform(6, 16)), 2), "bore_mm": round(float(bore), 3),
            "hub_mm": round(float(bore) + 5, 3), "hub_length_mm": 6.0,
        }
        for bore in bores
    ]  # fmt: skip


def _families() -> dict[str, Any]:
    """Return the milliseconds, warm, from an order to verified bytes and of a full verification."""
    plain, full = {}, {}
    for family in FAMILIES:
        order = PartOrder(family=family, material="PA12", sizes={})
        part = compose(order)
        verify(part)
        plain[family] = _ms(lambda order=order: verify(compose(order), level="batch"))  # type: ignore[misc]
        full[family] = _ms(lambda part=part: verify(part))  # type: ignore[misc]
    return {"order_to_batch_verified_ms": plain, "full_verification_ms": full}


def _ms(work: Callable[[], object]) -> float:
    clock, took = SystemClock(), []
    for _ in range(REPEATS):
        start_s = clock.monotonic_s()
        work()
        took.append(clock.monotonic_s() - start_s)
    return round(min(took) * 1000, 1)  # the least disturbed by others


def _beside_peer(gears: list[dict[str, float]]) -> dict[str, Any]:
    """Return the time a gear takes here and there, one process each, written as STL."""
    with tempfile.TemporaryDirectory() as folder:
        ours = median(
            _ms(lambda sizes=sizes: _write(Path(folder), sizes))  # type: ignore[misc]
            for sizes in gears
        )
        peer = ask_peer([{"family": "spur_gear", **sizes} for sizes in gears], Path(folder))
    if isinstance(peer, str):
        return {"gear_ms": ours, "peer": f"build123d with bd_warehouse did not run: {peer}"}
    theirs = round(median(each["seconds"] for each in peer) * 1000, 1)
    return {
        "gear_ms": ours, "peer": "build123d with bd_warehouse", "peer_gear_ms": theirs,
        "times_faster": round(theirs / ours, 1),
    }  # fmt: skip


def _write(folder: Path, sizes: dict[str, float]) -> None:
    stl, report = batch_row({"family": "spur_gear", **sizes})
    if stl is None:
        raise RuntimeError(report["reason"])
    (folder / "ours.stl").write_bytes(stl)


def ask_peer(orders: list[dict[str, Any]], folder: Path) -> list[dict[str, float]] | str:
    """Return seconds, volume and bytes of each part that the peer makes, or why it makes none."""
    python = load_settings().bench.peer_python or sys.executable
    done = subprocess.run(  # noqa: S603 - a Python of the user's choice, and our own script
        [python, str(PEER), str(folder)], input=json.dumps(orders), text=True,
        capture_output=True, timeout=PEER_PATIENCE_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    made: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return made


def _batch(gears: list[dict[str, float]]) -> dict[str, Any]:
    """Return how long all gears take, batch-verified and written, on two processes."""
    names = list(gears[0])
    rows = "\n".join(",".join(str(sizes[name]) for name in names) for sizes in gears)
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        jobs = jobs_of(f"{','.join(names)},family\n" + rows.replace("\n", ",spur_gear\n")
                       + ",spur_gear\n", file="bench")  # fmt: skip
        start_s, before_s = clock.monotonic_s(), _cpu_s()
        ok = sum(each["ok"] for each in make_all(jobs, Bench(folder=Path(folder)), PROCESSES))
        took_s, cpu_s = clock.monotonic_s() - start_s, _cpu_s() - before_s
    own, child = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory_mb = (own.ru_maxrss + PROCESSES * child.ru_maxrss) / 1024
    return {
        "batch_gears": len(gears), "batch_ok": ok, "batch_level": "batch",
        "batch_processes": PROCESSES, "batch_s": round(took_s, 2), "batch_cpu_s": round(cpu_s, 2),
        "batch_per_s": round(len(gears) / took_s), "memory_mb": round(memory_mb),
    }  # fmt: skip


def _cpu_s() -> float:
    """Return the seconds that this process and those that it started have computed."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
