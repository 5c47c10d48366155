"""Ask a printer's server over HTTP, and say in one line what is wrong when it does not answer."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from fieldlab.core.errors import PrinterError

PATIENCE_S = httpx.Timeout(10.0, connect=4.0)
UPLOAD_S = httpx.Timeout(60.0, connect=4.0)
MAX_BYTES = 4 * 1024 * 1024  # of an answer; a status is far smaller


class RefusedByPrinterError(PrinterError):
    """The printer's server answered, and said no; `status` is its HTTP status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Http:
    """A printer's server; each question opens and closes its own connection.

    Parameters
    ----------
    name, url
        What the printer is called in the settings, and where its server is.
    auth
        Makes httpx's authentication, None for none.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: Callable[[], httpx.Auth] | None = None,
    ) -> None:
        self._name = name
        self._url = url.rstrip("/")
        self._headers = dict(headers or {})
        self._auth = auth

    def ask(self, method: str, path: str, *, known: tuple[int, ...] = (), **what: Any) -> Any:
        """Return the JSON of an answer; None for an empty one or a status in `known`.

        Raises
        ------
        PrinterError
            If there is no answer.
        RefusedByPrinterError
            If the answer is an error that is not `known`.
        """
        answer = self.send(method, path, **what)
        if answer.status_code in known:
            return None
        if answer.is_error:
            raise RefusedByPrinterError(answer.status_code, self._refusal(answer))
        if not answer.content or answer.status_code == httpx.codes.NO_CONTENT:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise PrinterError(
                f"printer '{self._name}': {self._url} does not answer in JSON; is this address"
                " really the printer's server?"
            ) from error

    def send(
        self, method: str, path: str, *, timeout: httpx.Timeout = PATIENCE_S, **what: Any
    ) -> httpx.Response:
        """Return the answer, whatever it is; raises PrinterError if there is none."""
        auth = None if self._auth is None else self._auth()
        try:
            with httpx.Client(
                base_url=self._url, headers=self._headers, auth=auth, trust_env=False
            ) as client:
                return client.request(method, path, timeout=timeout, **what)
        except httpx.InvalidURL as error:
            raise PrinterError(f"printer '{self._name}': '{self._url}' is no address") from error
        except httpx.UnsupportedProtocol as error:
            raise PrinterError(
                f"printer '{self._name}': '{self._url}' must begin with http:// or https://"
            ) from error
        except httpx.ConnectError as error:
            raise PrinterError(
                f"printer '{self._name}': nothing listens at {self._url} ({error}); is it on, on"
                " this network, and is the address right?"
            ) from error
        except httpx.TimeoutException as error:
            raise PrinterError(
                f"printer '{self._name}': {self._url} does not answer in time; is it on, and on"
                " this network?"
            ) from error
        except httpx.HTTPError as error:
            raise PrinterError(
                f"printer '{self._name}': the talk with {self._url} broke off ({error})"
            ) from error

    def _refusal(self, answer: httpx.Response) -> str:
        status, where = answer.status_code, f"printer '{self._name}'"
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return (
                f"{where}: {self._url} refuses our key ({status}); write a valid one to its"
                " 'key_file'"
            )
        if status == httpx.codes.NOT_FOUND:
            return f"{where}: {self._url} does not know {answer.url.path}; is it of that 'kind'?"
        return f"{where}: {self._url} says {status}: {_why(answer)}"


def _why(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text.strip()[:200] or answer.reason_phrase
    if isinstance(told, dict):
        error = told.get("error") or told.get("message") or told.get("title") or told
        return str(error.get("message", error) if isinstance(error, dict) else error)[:200]
    return str(told)[:200]
