"""Every item once and in order, and a gap is named."""

import json

from hypothesis import given
from hypothesis import strategies as st

from broker.streams import Streams
from fieldlab.core.messages import Ack, Stamp


def feed(streams: Streams[int], seqs: list[int], *, boot: int = 1) -> list[int]:
    out: list[int] = []
    for seq in seqs:
        out += streams.accept("pi", "acc", Stamp(boot=boot, seq=seq), seq)
    return out


@given(
    count=st.integers(1, 150),
    shifts=st.lists(st.integers(0, 40), min_size=150, max_size=150),
    repeats=st.lists(st.integers(1, 3), min_size=150, max_size=150),
)
def test_reordered_and_repeated_gives_the_clean_order(
    count: int, shifts: list[int], repeats: list[int]
) -> None:
    streams: Streams[int] = Streams()
    sent = [seq for seq in range(1, count + 1) for _ in range(repeats[seq - 1])]
    order = sorted(range(len(sent)), key=lambda at: at + shifts[at % 150])

    out = feed(streams, [sent[at] for at in order])

    assert out == list(range(1, count + 1))
    assert streams.duplicates == len(sent) - count
    assert streams.missing == streams.late == streams.held == 0


@given(lost=st.sets(st.integers(1, 99)))
def test_what_is_lost_is_counted_and_the_rest_comes_in_order(lost: set[int]) -> None:
    streams: Streams[int] = Streams()

    out = feed(streams, [seq for seq in range(1, 101) if seq not in lost])
    out += streams.flush_gaps()

    assert out == [seq for seq in range(1, 101) if seq not in lost]
    assert streams.missing == len(lost)


def test_a_gap_is_given_up_after_64_later_items() -> None:
    streams: Streams[int] = Streams()

    assert feed(streams, list(range(2, 65))) == []
    assert feed(streams, [65]) == list(range(2, 66))
    assert feed(streams, [1]) == []
    assert (streams.missing, streams.duplicates) == (1, 1)


def test_a_newer_boot_releases_the_older_and_the_older_is_late() -> None:
    streams: Streams[int] = Streams()
    feed(streams, [1, 3])

    assert feed(streams, [1], boot=2) == [3, 1]
    assert feed(streams, [2], boot=1) == []
    assert (streams.missing, streams.late) == (1, 1)


def test_only_what_was_committed_is_acknowledged() -> None:
    streams: Streams[int] = Streams()
    feed(streams, [1, 2])
    streams.commit()
    feed(streams, [3])

    assert streams.committed("pi") == Ack(boot=1, stream={"acc": 2})
    streams.commit("pi")
    assert streams.committed("pi") == Ack(boot=1, stream={"acc": 3})
    assert streams.committed("unknown") == Ack(boot=0, stream={})


def test_a_sensor_that_is_silent_since_the_restart_keeps_its_own_ack() -> None:
    streams: Streams[int] = Streams()
    streams.accept("pi", "slow", Stamp(boot=1, seq=1), 1)
    streams.accept("pi", "fast", Stamp(boot=2, seq=1), 1)
    streams.commit()

    assert streams.touched() == ("pi",)
    assert streams.acks("pi") == (
        Ack(boot=1, stream={"slow": 1}),
        Ack(boot=2, stream={"fast": 1}),
    )
    assert streams.touched() == ()


def test_a_hub_that_restarts_goes_on_where_it_was() -> None:
    streams: Streams[int] = Streams()
    feed(streams, [1, 2, 4])

    resumed: Streams[int] = Streams(json.loads(json.dumps(streams.state())))

    assert feed(resumed, [1, 2, 3, 4]) == [3, 4]
    assert (resumed.duplicates, resumed.missing) == (2, 0)


def test_a_stream_may_start_at_zero() -> None:
    streams: Streams[int] = Streams()

    assert feed(streams, [0, 1, 2]) == [0, 1, 2]


def test_after_a_reconnect_a_gap_may_take_longer_to_fill() -> None:
    streams: Streams[int] = Streams()
    streams.expect_again()

    assert feed(streams, list(range(3, 1000))) == []
    assert feed(streams, list(range(1, 1000))) == list(range(1, 1000))
    assert streams.missing == 0

    assert streams.flush_gaps() == []
    assert len(feed(streams, list(range(1001, 1066)))) == 65  # and then no longer than before
