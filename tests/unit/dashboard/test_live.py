"""The stream: written once, bounded for the slow, resumed after a gap."""

import asyncio
import threading
from collections.abc import AsyncIterator

from dashboard.api.live import PENDING, Broadcast, Reader


async def _first(frames: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await anext(frames) for _ in range(count)]


def test_all_pages_hear_the_same_bytes() -> None:
    async def story() -> tuple[list[bytes], list[bytes]]:
        hub = Broadcast()
        one, two = hub.listen(), hub.listen()
        await _first(one, 1), await _first(two, 1)
        hub.publish("case", {"id": "c1"})
        return await _first(one, 1), await _first(two, 1)

    heard, also_heard = asyncio.run(story())

    assert heard == also_heard == [b'id: 0-1\nevent: case\ndata: {"id":"c1"}\n\n']


def test_a_slow_reader_gets_only_the_newest_and_stays_bounded() -> None:
    async def story() -> tuple[bytes, int]:
        reader = Reader(asyncio.get_running_loop())
        for at in range(1000):
            reader.put("live m1", b"%d " % at)
            reader.put(f"case {at}", b"")
        return await reader.take(1), reader.dropped

    frames, dropped = asyncio.run(story())

    assert frames.split() == [b"999"]
    assert dropped >= 1000 - PENDING


def test_a_page_that_lost_its_line_hears_what_it_missed() -> None:
    async def story() -> bytes:
        hub = Broadcast(epoch="e")
        for at in range(5):
            hub.publish("case", {"id": f"c{at}"})
        return (await _first(hub.listen("e-3"), 1))[0]

    heard = asyncio.run(story())

    assert b"c3" in heard
    assert b"c4" in heard
    assert b"c2" not in heard


def test_an_id_of_an_earlier_hub_resumes_nothing() -> None:
    async def story() -> bytes:
        hub = Broadcast(epoch="new")
        hub.publish("case", {"id": "c1"})
        return (await _first(hub.listen("old-0"), 1))[0]

    assert b"c1" not in asyncio.run(story())


def test_a_new_page_hears_the_newest_signal_at_once() -> None:
    async def story() -> bytes:
        hub = Broadcast()
        hub.publish("live", {"machine_id": "m1", "t_s": 1.0})
        hub.publish("live", {"machine_id": "m1", "t_s": float("nan")})
        return (await _first(hub.listen(), 1))[0]

    assert asyncio.run(story()).count(b"event: live") == 1


def test_a_quiet_stream_has_a_heartbeat_and_ends_when_the_hub_does() -> None:
    async def story() -> list[bytes]:
        hub = Broadcast(heartbeat_s=0.001)
        frames = hub.listen()
        heard = await _first(frames, 2)
        hub.close()
        return heard + [frame async for frame in frames]  # comes to an end

    heard = asyncio.run(story())

    assert b"beat" in heard[1]
    assert len(heard) <= 3


def test_a_worker_thread_may_publish() -> None:
    async def story() -> bytes:
        hub = Broadcast()
        frames = hub.listen()
        await anext(frames)
        worker = threading.Thread(target=hub.publish, args=("job", {"id": "j1"}))
        worker.start()
        heard = await anext(frames)
        worker.join()
        return heard

    assert b"j1" in asyncio.run(story())
