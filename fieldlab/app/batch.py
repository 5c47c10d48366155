"""A batch of unique parts: rows to files and a report, on several processes, resumable."""

import csv
import io
import json
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from fieldlab.app.cli.options import write_bytes
from fieldlab.app.work import end_with_parent
from fieldlab.core.errors import FieldlabError, InputError
from partgen.batch import NOT_SIZES, batch_row, name_of
from partgen.verify import Level

Row = Mapping[str, str]
Report = dict[str, Any]
CHUNK = 24  # rows that a worker takes at a time
REPORT = "report.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where the files go, and for which printer and material they are sliced, if they are."""

    folder: Path
    printer: str = "virtual"
    material: str = ""  # empty: no G-code


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row that waits to be made; `refused` is why it never will be."""

    number: int
    row: Row
    refused: str = ""

    @property
    def name(self) -> str:
        """Its id."""
        return name_of(self.row, self.number)

    @property
    def print_of_row(self) -> str:
        """A fingerprint of what the row asks for."""
        asked = {key: text for key, text in self.row.items() if key and text}
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def jobs_of(text: str, *, file: str) -> list[Job]:
    """Return the rows of a CSV file; semicolons or tabs with decimal commas are read too.

    Raises
    ------
    InputError
        If there is no column `family`, two of one name, or no row.
    """
    text = text.removeprefix("\ufeff")
    header, stream = text.partition("\n")[0], io.StringIO(text)
    between = next((mark for mark in ",;\t" if mark in header), ",")
    try:
        first = next(csv.reader(stream, delimiter=between), [])
        names = [name.strip().lower() for name in first]
        rows = list(csv.DictReader(stream, names, delimiter=between))
    except csv.Error as error:
        raise InputError(f"{file}: is not a table of parts ({error})") from error
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise InputError(f"{file}: two columns are called {twice[:40]!r}; rename one")
    if not rows or "family" not in names:
        raise InputError(f"{file}: needs a header with 'family' and at least one row")
    if between != ",":
        rows = [{key: _point(key, cell) for key, cell in row.items()} for row in rows]
    return _told_apart([Job(number=at, row=row) for at, row in enumerate(rows, start=1)])


def _point(key: str | None, cell: Any) -> Any:
    plain = key in NOT_SIZES or not isinstance(cell, str)
    return cell if plain else cell.replace(",", ".")


def _told_apart(jobs: Sequence[Job]) -> list[Job]:
    """Refuse rows whose id an earlier row has, in any case of its letters: one file, one part."""
    seen: dict[str, int] = {}
    told = []
    for job in jobs:
        first = seen.setdefault(job.name.lower(), job.number)
        if first != job.number:
            why = f"id '{job.name}' is taken by row {first}; give each row its own"
            told.append(Job(number=job.number, row=job.row, refused=why))
        else:
            told.append(job)
    return told


def make_all(jobs: Sequence[Job], bench: Bench, processes: int) -> Iterator[Report]:
    """Yield the report of each row in order; what the folder's report has already is kept.

    The report file grows line by line, so that a run that was stopped goes on where it was.
    """
    done = _made_before(bench)
    left = [job for job in jobs if not _kept(job, done, bench)]
    write_bytes(bench.folder / REPORT, _lines(done.values()))
    made = _run(left, bench, processes)
    reports = []
    with (bench.folder / REPORT).open("a", encoding="utf-8") as log:
        waiting = {job.number for job in left}
        for job in jobs:
            if job.number in waiting:
                report = next(made)
                log.write(json.dumps(report) + "\n")
                log.flush()
            else:
                report = done[job.name]
            reports.append(report)
            yield report
    write_bytes(bench.folder / REPORT, _lines(reports))


def _lines(reports: Any) -> bytes:
    return "".join(json.dumps(report) + "\n" for report in reports).encode()


def _made_before(bench: Bench) -> dict[str, Report]:
    """Return the accepted reports of an earlier run by id; a line that was cut off is no report."""
    found: dict[str, Report] = {}
    try:
        lines = (bench.folder / REPORT).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    for line in lines:
        try:
            report = json.loads(line)
            if report["ok"]:
                found[str(report["id"])] = report
        except (ValueError, TypeError, KeyError):
            continue
    return found


def _kept(job: Job, done: Mapping[str, Report], bench: Bench) -> bool:
    """Return whether an earlier run made this very row, and its files are as they were."""
    report = done.get(job.name)
    if report is None or job.refused or report.get("row") != job.print_of_row:
        return False
    files = {".stl": report.get("sha256")}
    if bench.material:
        files[".gcode"] = report.get("gcode_sha256")
        if report.get("material") != bench.material or report.get("printer") != bench.printer:
            return False
    return all(
        _is(bench.folder / f"{job.name}{ending}", print_) for ending, print_ in files.items()
    )


def _is(file: Path, fingerprint: str | None) -> bool:
    try:
        return sha256(file.read_bytes()).hexdigest() == fingerprint
    except OSError:
        return False


def _run(jobs: Sequence[Job], bench: Bench, processes: int) -> Iterator[Report]:
    if processes < 2 or len(jobs) <= CHUNK:
        yield from map(partial(_make, bench), jobs)
        return
    with ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=end_with_parent,
    ) as pool:
        yield from pool.map(partial(_make, bench), jobs, chunksize=CHUNK)


def _make(bench: Bench, job: Job) -> Report:
    """Make, verify and write one row in a worker; what is sliced is verified in full before."""
    level: Level = "full" if bench.material else "batch"
    if job.refused:
        return {"id": job.name, "ok": False, "reason": job.refused, "sha256": None, "level": level}
    stl, report = batch_row(job.row, number=job.number, level=level)
    if stl is None:
        return report
    report["row"] = job.print_of_row
    write_bytes(bench.folder / f"{job.name}.stl", stl)
    return _sliced(bench, job, stl, report) if bench.material else report


def _sliced(bench: Bench, job: Job, stl: bytes, report: Report) -> Report:
    """Slice what was made and let the gate judge it; a file that the gate refuses is not kept."""
    from printing.gcode.gate import check
    from printing.slicers.embedded import EmbeddedSlicer

    where = {"printer": bench.printer, "material": bench.material}
    try:
        sliced = EmbeddedSlicer().slice(stl, **where)
    except FieldlabError as error:
        return report | {"ok": False, "reason": str(error)}
    judged = check(sliced.gcode, stl=stl, printer=bench.printer, material=bench.material)
    if not judged.ok:
        first = judged.refusals[0]
        return report | {"ok": False, "reason": f"the gate: line {first.line}: {first.reason}"}
    write_bytes(bench.folder / f"{job.name}.gcode", sliced.gcode)
    return report | where | {"gcode_sha256": sliced.sha256, "print_s": round(sliced.duration_s)}
