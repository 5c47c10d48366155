"""What was read is kept until the hub has it, also over a kill -9."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.outbox import MIN_BYTES, NewRow, Outbox
from fieldlab.core.clock import ManualClock
from fieldlab.core.errors import StoreError

CAP = 50_000_000


def open_outbox(path: Path, *, max_bytes: int = CAP) -> Outbox:
    return Outbox(path / "outbox.db", max_bytes=max_bytes, clock=ManualClock())


def row(seq: int, *, sensor: str = "oil", boot: int = 1, size: int = 10) -> NewRow:
    return NewRow(
        topic=f"t/{sensor}",
        payload=b"x" * size,
        sensor=sensor,
        boot=boot,
        seq=seq,
        is_wave=sensor == "acc",
    )


def test_each_start_is_a_new_boot_and_keeps_what_was_waiting(tmp_path: Path) -> None:
    for boot in (1, 2, 3):
        outbox = open_outbox(tmp_path)
        assert outbox.boot() == boot
        assert outbox.size == boot - 1
        outbox.put("t", b"\x00\xff", sensor="oil", boot=boot, seq=1, is_wave=False)
        outbox.close()

    outbox = open_outbox(tmp_path)
    assert [(kept.boot, kept.payload) for kept in outbox.pending(10)] == [
        (1, b"\x00\xff"),
        (2, b"\x00\xff"),
        (3, b"\x00\xff"),
    ]
    outbox.close()


def test_pending_goes_on_after_a_row(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.put_all([row(seq) for seq in range(1, 8)])

    first = outbox.pending(3)
    rest = outbox.pending(10, first[-1].rowid)

    assert [kept.seq for kept in (*first, *rest)] == [1, 2, 3, 4, 5, 6, 7]
    outbox.close()


def test_only_what_the_hub_has_leaves_older_boots_included(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.put_all([row(9, boot=1), row(1, boot=2), row(2, boot=2), row(9, sensor="gas")])

    assert outbox.ack(2, {"oil": 1, "unknown": 5}) == 2

    assert [(kept.sensor, kept.boot, kept.seq) for kept in outbox.pending(9)] == [
        ("oil", 2, 2),
        ("gas", 1, 9),
    ]
    assert outbox.size == 2
    outbox.close()


def test_a_full_outbox_drops_the_oldest_waves_first_and_counts_them(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path, max_bytes=MIN_BYTES)
    outbox.put_all([row(seq) for seq in range(1, 101)])

    for seq in range(1, 41):
        outbox.put_all([row(seq, sensor="acc", size=60_000)])

    kept = outbox.pending(1000)
    waves = [one.seq for one in kept if one.is_wave]
    assert sum(not one.is_wave for one in kept) == 100
    assert waves == list(range(41 - len(waves), 41))
    assert outbox.dropped == 40 - len(waves)
    assert outbox.size_bytes <= MIN_BYTES
    outbox.close()
    assert open_outbox(tmp_path).dropped == 40 - len(waves)


def test_scalars_go_last(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path, max_bytes=MIN_BYTES)
    outbox.put_all([row(1, sensor="acc", size=1000)])

    outbox.put_all([row(seq, size=1000) for seq in range(1, 1201)])

    kept = outbox.pending(5000)
    assert not any(one.is_wave for one in kept)
    assert kept[-1].seq == 1200
    assert outbox.dropped == 1201 - len(kept)
    outbox.close()


def test_a_checkpoint_is_kept_with_its_rows_or_not_at_all(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    assert outbox.checkpoint() is None
    outbox.put_all([row(1)], b"one")
    broken = NewRow(
        topic="t",
        payload=None,
        sensor="oil",
        boot=1,
        seq=2,
        is_wave=False,  # type: ignore[arg-type]
    )

    with pytest.raises((StoreError, TypeError)):
        outbox.put_all([row(2), broken], b"two")

    assert outbox.checkpoint() == b"one"
    assert [kept.seq for kept in outbox.pending(9)] == [1]
    outbox.close()


def test_a_broken_file_is_set_aside_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"this is no database at all" * 100)

    outbox = open_outbox(tmp_path)

    assert outbox.boot() == 1
    (aside,) = tmp_path.glob("outbox.db.broken-*")
    assert aside.read_bytes().startswith(b"this is no database")
    outbox.close()


def test_a_closed_outbox_says_so(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    outbox.close()

    with pytest.raises(StoreError, match="cannot be written"):
        outbox.put_all([row(1)])


WRITER = """
import sys
from edge.outbox import NewRow, Outbox
from fieldlab.core.clock import SystemClock
outbox = Outbox(sys.argv[1], max_bytes=10**9, clock=SystemClock())
done = int(outbox.checkpoint() or b"0")
seq = 0
while True:
    rows = []
    for _ in range(3):
        done += 1
        seq += 1
        rows.append(NewRow(topic="t", payload=str(done).encode(), sensor="oil",
                           boot=outbox.boot(), seq=seq, is_wave=False))
    outbox.put_all(rows, str(done).encode())
    print(done, flush=True)
"""


def test_a_kill_neither_loses_nor_repeats_a_reading(tmp_path: Path) -> None:
    path, promised = tmp_path / "outbox.db", 0
    for lines in (1, 7, 40):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                promised = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)

    outbox = open_outbox(tmp_path)
    numbers = [int(kept.payload) for kept in outbox.pending(100_000)]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= promised
    assert outbox.checkpoint() == str(len(numbers)).encode()
    assert outbox.boot() == 4
    outbox.close()
