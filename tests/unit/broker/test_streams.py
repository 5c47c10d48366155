"""Every item once and in order, and a gap is named."""

import json
from dataclasses import dataclass, field

from hypothesis import example, given
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


def test_after_a_reconnect_a_newer_boot_waits_for_the_older_ones_tail() -> None:
    streams: Streams[int] = Streams()
    feed(streams, [1, 2])
    streams.expect_again()

    assert feed(streams, [5, 6], boot=2) == []  # the end of a burst: all before it was lost
    assert streams.waits("pi")
    assert feed(streams, [3, 4], boot=1) == [3, 4]  # and comes again, oldest first
    assert feed(streams, [1, 2, 3, 4], boot=2) == []
    assert feed(streams, [5], boot=2) == [1, 2, 3, 4, 5, 6]
    assert (streams.missing, streams.late, streams.held) == (0, 0, 0)


def test_a_newer_boot_that_does_not_come_again_goes_on_in_the_end() -> None:
    streams: Streams[int] = Streams()
    feed(streams, [1, 3])
    streams.expect_again()
    feed(streams, [1, 2, 4], boot=2)

    assert streams.flush_gaps() == [3, 1, 2, 4]
    assert feed(streams, [1], boot=3) == [1]  # and from then on at once
    assert (streams.missing, streams.held) == (2, 0)


Row = tuple[int, int]  # (boot, seq)


@dataclass
class Story:
    """A node with its outbox, a broker that forgets, and a hub that is not always there."""

    streams: Streams[Row] | None = None  # the hub; None while it is away
    kept: dict[str, object] | None = None  # what the hub has committed
    boot: int = 1
    seq: int = 0
    outbox: list[Row] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    got: list[Row] = field(default_factory=list)
    committed: int = 0  # of `got`

    def play(self, step: str) -> None:
        {"read": self.read, "restart-node": self.restart_node, "kill-hub": self.kill_hub,
         "start-hub": self.start_hub, "start-hub-late": self.start_hub_in_a_burst,
         "commit": self.commit}[step]()  # fmt: skip

    def read(self) -> None:
        self.seq += 1
        self.outbox.append((self.boot, self.seq))
        self.sent.append(self.outbox[-1])
        self.hear([self.outbox[-1]])

    def hear(self, rows: list[Row]) -> None:
        if self.streams is not None:
            for boot, seq in rows:
                self.got += self.streams.accept("pi", "a", Stamp(boot=boot, seq=seq), (boot, seq))

    def send_all(self, skip: int = 0) -> None:
        self.hear(self.outbox[skip:])

    def restart_node(self) -> None:
        self.boot, self.seq = self.boot + 1, 0
        self.send_all()

    def kill_hub(self) -> None:
        self.streams = None
        del self.got[self.committed :]

    def start_hub(self) -> None:
        if self.streams is None:
            self.streams = Streams(self.kept)
            self.streams.expect_again()
            self.send_all()  # it answers SEND_AGAIN

    def start_hub_in_a_burst(self) -> None:
        """The hub subscribes while the node sends: it hears the end, and then all once more."""
        if self.streams is None:
            self.streams = Streams(self.kept)
            self.streams.expect_again()
            self.send_all(skip=len(self.outbox) // 2)
            self.send_all()

    def commit(self) -> None:
        if self.streams is not None:
            self.streams.commit()
            self.kept, self.committed = self.streams.state(), len(self.got)
            for ack in self.streams.acks("pi"):
                upto = ack.stream["a"]
                self.outbox = [one for one in self.outbox if one > (ack.boot, upto)]


STEPS = ("read", "restart-node", "kill-hub", "start-hub", "start-hub-late", "commit")


@given(steps=st.lists(st.sampled_from(STEPS), max_size=60))
@example(steps=["read", "restart-node", "read", "start-hub-late", "commit"])
@example(steps=["restart-node", "read", "read", "restart-node", "read", "start-hub-late"])
@example(steps=["read", "restart-node", "start-hub", "read", "restart-node", "commit"])
def test_whoever_dies_when_every_reading_arrives_once_and_in_order(steps: list[str]) -> None:
    story = Story()

    for step in [*steps, "kill-hub", "start-hub", "commit"]:
        story.play(step)
    assert story.streams is not None
    story.got += story.streams.flush_gaps()

    assert story.got == story.sent
    assert story.streams.missing == story.streams.late == 0
