"""Backtests that people ask for on the page: one at a time, each in a process with bounds."""

import contextlib
import importlib
import multiprocessing
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from fieldlab.app.work import end_with_parent
from fieldlab.core.errors import FieldlabError, RefusedError
from fieldlab.core.plan import Plan

LONGEST_S = 180.0
MOST_MEMORY = 3_000_000_000
MOST_WAITING = 4
REMEMBERED = 16
Record = dict[str, Any]
Kind = Literal["csv", "zip"]


@dataclass(kw_only=True)
class Run:
    """One backtest that somebody asked for."""

    id: str
    kind: Kind
    data: bytes
    plan: Plan
    known: Mapping[str, Any] | None
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    problem: str = ""
    result: Record | None = None
    process: Any = field(default=None, repr=False)


class Backtests:
    """Runs one after the other; what was found is remembered for a while."""

    def __init__(self, *, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._waiting: deque[Run] = deque()
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def begin(self, kind: Kind, data: bytes, plan: Plan, known: Mapping[str, Any] | None) -> str:
        """Queue a backtest and return its id; raises RefusedError when too many wait."""
        run = Run(id=secrets.token_urlsafe(9), kind=kind, data=data, plan=plan, known=known)
        with self._news:
            if len(self._waiting) >= MOST_WAITING:
                raise RefusedError(f"{MOST_WAITING} backtests wait already; try again in a minute")
            self._runs[run.id] = run
            self._waiting.append(run)
            while len(self._runs) > REMEMBERED + MOST_WAITING:
                self._runs.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="backtests", daemon=True)
                self._thread.start()
            self._news.notify()
        return run.id

    def record(self, run_id: str) -> Record | None:
        """Return where a backtest stands and what it found, None if it is not known."""
        with self._news:
            run = self._runs.get(run_id)
            if run is None:
                return None
            place = self._waiting.index(run) + 1 if run in self._waiting else 0
        return {"id": run.id, "state": run.state, "place": place, "problem": run.problem or None,
                "result": run.result}  # fmt: skip

    def close(self) -> None:
        """Stop; a running one is ended."""
        with self._news:
            self._is_closed = True
            self._waiting.clear()
            for run in self._runs.values():
                if run.process is not None:
                    run.process.kill()
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._is_closed)
                if self._is_closed:
                    return
                run = self._waiting.popleft()
                run.state = "running"
            self._run(run)

    def _run(self, run: Run) -> None:
        with TemporaryDirectory(prefix="fieldlab-") as folder:
            file = Path(folder) / f"upload.{run.kind}"
            file.write_bytes(run.data)
            run.data = b""
            answer = self._judged(run, file)
        kind, found = answer
        with self._news:
            run.result = found if kind == "done" else None
            run.problem = "" if kind == "done" else str(found)
            run.state = "done" if kind == "done" else "failed"

    def _judged(self, run: Run, file: Path) -> tuple[str, Any]:
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_judge, args=(theirs, file, run.kind, run.plan.model_dump(), run.known)
        )
        process.start()
        theirs.close()
        with self._news:
            run.process = process
            if self._is_closed:
                process.kill()
        try:
            if not mine.poll(self._longest_s):
                return (
                    "failed",
                    f"it took longer than {self._longest_s:g} s; give a shorter stretch",
                )
            found: tuple[str, Any] = mine.recv()
            return found
        except EOFError:
            return (
                "failed",
                "the judge could not finish: the file needs more memory than it may use",
            )
        finally:
            with self._news:
                run.process = None
            process.kill()
            process.join()
            process.close()
            mine.close()


def _judge(
    answer: Connection, file: Path, kind: str, plan: Mapping[str, Any], known: Any
) -> None:  # pragma: no cover - in a process of its own
    end_with_parent()
    _bound()
    from fieldlab.app.own_backtest import judge_upload

    try:
        answer.send(("done", judge_upload(file, kind, Plan.model_validate(plan), known)))
    except FieldlabError as error:
        answer.send(("failed", str(error).splitlines()[0]))
    except MemoryError:
        answer.send(("failed", "the file needs more memory than a backtest may use"))


def _bound() -> None:  # pragma: no cover
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows
        resource: Any = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
