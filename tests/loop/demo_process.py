"""The demo as a process of its own, and its children."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from fieldlab.app.store import Store

PATIENCE_S = 150


def start(home: Path, *words: str, cases: int = 1, seed: int = 7) -> subprocess.Popen[str]:
    """Start a headless demo."""
    argv = [sys.executable, "-m", "fieldlab", "demo", "--headless", "--json", "--cases", str(cases),
            "--seed", str(seed), "--home", str(home), *words]  # fmt: skip
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Wait for the end and return what it told."""
    out, err = process.communicate(timeout=patience_s)
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def assert_one_print(home: Path, case_id: str) -> None:
    """Check that a case has one job, and that the virtual printer printed each attempt once."""
    jobs = Store(home).jobs(case_id)
    printed = json.loads((home / "printer-virtual" / "printer.json").read_text())["jobs"]
    mine = {key: job["prints"] for key, job in printed.items() if key.startswith(case_id)}
    assert len(jobs) == 1
    assert mine == {f"{jobs[0]['id']}-{attempt + 1}": 1 for attempt in range(jobs[0]["attempt"])}


def child(parent: int, role: str) -> int | None:
    """Return the pid of a demo's child, None if it does not run now."""
    listed = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines()[1:]:
        pid, ppid, args = line.split(None, 2)
        if ppid == str(parent) and role in args:
            return int(pid)
    return None
