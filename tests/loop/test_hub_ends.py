"""A hub ends when it is asked to, also while a case waits for a person."""

import contextlib
import subprocess
import sys
from pathlib import Path

import httpx

from fieldlab.app.opening import open_case
from fieldlab.app.store import Store
from fieldlab.core.messages import Diagnosis
from tests.integration.test_ingest import FILE
from tests.peers.processes import free_port, wait_until

PATIENCE_S = 30.0


def home_with_an_open_case(home: Path) -> str:
    store = Store(home)
    store.put_machine("press", "hall", {"file": FILE})
    nobody = Diagnosis(machine_id="press", t_s=1_790_000_000.0, suspects=(), verdict=None)
    record = open_case(nobody, opened_at_s=1_790_000_000.0)
    with store.transaction() as connection:
        store.add_case(connection, record)
    return str(record["id"])


def test_a_hub_ends_at_once_while_a_case_waits_and_the_case_is_still_there(tmp_path: Path) -> None:
    case_id = home_with_an_open_case(tmp_path)
    port = free_port()
    argv = [sys.executable, "-m", "fieldlab", "hub", "--home", str(tmp_path), "--port", str(port)]

    def waits() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            address = f"http://127.0.0.1:{port}/api/cases/{case_id}"
            return str(httpx.get(address, trust_env=False).json()["state"]) == "diagnosed"
        return False

    for _ in range(2):
        hub = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            wait_until(waits, "the case waits for a person")
            hub.terminate()
            _, said = hub.communicate(timeout=PATIENCE_S)
        finally:
            hub.kill()

        assert (hub.returncode, said) == (0, "")
    assert [case["state"] for case in Store(tmp_path).cases()] == ["diagnosed"]
