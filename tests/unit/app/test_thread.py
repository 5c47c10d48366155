"""A thread holds what happened, and notices when a byte of it changes."""

from pathlib import Path
from typing import Any

import pytest

from fieldlab.app.seal import Seal, seal_problems
from fieldlab.app.thread import FILE, Thread


@pytest.fixture
def thread(tmp_path: Path) -> Thread:
    thread = Thread(tmp_path / "case")
    thread.add("diagnosed", t_s=1.0, data={"sure": 0.9}, files={"evidence.wav": b"RIFF"})
    thread.add("designed", t_s=2.0, data={"teeth": 20}, files={"part.stl": b"solid"})
    return thread


def test_an_untouched_thread_holds(thread: Thread) -> None:
    assert thread.problems(head=thread.head()) == []


def test_a_step_that_runs_again_is_written_once(thread: Thread) -> None:
    head = thread.head()

    again = thread.add("designed", t_s=9.0, data={"teeth": 20}, files={"part.stl": b"solid"})

    assert again == head
    assert len(thread.entries()) == 2


def test_any_changed_byte_of_any_file_is_noticed(thread: Thread) -> None:
    folder = thread.path.parent
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        for at in range(len(content)):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            assert thread.problems(head=None), f"{path.name} byte {at}"
        path.write_bytes(content)
    assert thread.problems() == []


def test_a_lost_ending_is_noticed_by_the_head(thread: Thread) -> None:
    head = thread.head()
    lines = thread.path.read_bytes().splitlines(keepends=True)

    thread.path.write_bytes(lines[0])

    assert "the store says" in thread.problems(head=head)[0]


def test_a_missing_file_is_noticed(thread: Thread) -> None:
    (thread.path.parent / "part.stl").unlink()

    assert "missing" in thread.problems()[0]


def test_a_torn_last_line_is_cut_before_the_next(thread: Thread) -> None:
    with thread.path.open("ab") as file:
        file.write(b'{"seq": 2, "ste')

    thread.add("verified", t_s=3.0, data={})

    assert [entry["step"] for entry in thread.entries()] == ["diagnosed", "designed", "verified"]
    assert thread.problems() == []


@pytest.mark.parametrize("forged", [{"by": "another"}, {"gcode_sha256": "0" * 64}, {"seal": None}])
def test_an_approval_that_is_not_sealed_as_it_stands_is_noticed(
    thread: Thread, tmp_path: Path, forged: dict[str, Any]
) -> None:
    statement = {"case": "c", "by": "operator", "gcode_sha256": "1" * 64}
    sealed = {"gcode_sha256": "1" * 64, "seal": Seal(tmp_path).sign(statement)}
    thread.add("approved", t_s=3.0, data={"approval": {**sealed, "statement": statement}})
    assert seal_problems(thread) == []

    rewritten = {**sealed, "statement": {**statement, **forged}, **forged}
    thread.add("approved", t_s=4.0, data={"approval": rewritten})

    (problem,) = seal_problems(thread)
    assert "the seal of the approval is broken" in problem


def test_a_missing_thread_is_said(tmp_path: Path) -> None:
    assert Thread(tmp_path).problems() == [f"{tmp_path / FILE}: the thread is missing"]
