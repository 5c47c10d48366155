"""A person at the hub's page, played over its API."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.peers.processes import wait_until

Case = dict[str, Any]


class Operator:
    """Asks and acts over the API of a hub on this computer."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def cases(self) -> list[Case]:
        """Return all cases, newest first; none while the hub is away."""
        try:
            answer = self._ask("GET", "cases")
        except httpx.HTTPError:
            return []
        return list(answer.json()["cases"]) if answer.is_success else []

    def say(self, path: str, **word: Any) -> int:
        """Say a word and return the HTTP status, also of a refusal."""
        return self._ask("POST", path, json=word).status_code

    def print_room(self) -> dict[str, Any]:
        """Return printers and jobs."""
        room: dict[str, Any] = self._ask("GET", "print-room").json()
        return room

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = f"{self._base}/api/{path}"
        return httpx.request(method, url, timeout=30, trust_env=False, **options)

    def wait_for(
        self,
        case_id: str | None,
        is_true: Callable[[Case], bool],
        what: str,
        patience_s: float = 240,
    ) -> Case:
        """Wait until something holds of a case (the oldest by default) and return it."""
        found: list[Case] = []

        def look() -> bool:
            known = [case for case in self.cases() if case_id in (None, case["id"])]
            found[:] = [case for case in known[-1:] if is_true(case)]
            return bool(found)

        wait_until(look, what, patience_s)
        return found[0]
