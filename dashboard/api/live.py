"""The live stream: written once, sent to all, and a slow reader gets only the newest."""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import StreamingResponse

from dashboard.api.answers import Answer, to_json
from dashboard.api.public import public
from dashboard.view import View

HEARTBEAT_S = 2.0  # a page that hears nothing for longer knows that the hub is gone
RING = 512  # events kept for a reader that lost its connection
PENDING = 128  # events that wait for one slow reader
MAX_CLIENTS = 1000
TOLD_OFTEN = "live"  # the newest replaces the older; not worth resuming

Frame = tuple[int, str, bytes]  # sequence, what it replaces, the bytes on the wire


class Reader:
    """One client's queue: bounded, and a newer frame takes the place of an older of its kind."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.dropped = 0
        self._waiting: OrderedDict[str, bytes] = OrderedDict()
        self._news = asyncio.Event()

    def put(self, key: str, frame: bytes) -> None:
        """Queue a frame; called on the reader's own loop."""
        if self._waiting.pop(key, None) is not None:
            self.dropped += 1
        self._waiting[key] = frame
        while len(self._waiting) > PENDING:
            self._waiting.popitem(last=False)
            self.dropped += 1
        self._news.set()

    async def take(self, timeout_s: float) -> bytes:
        """Return all that waits, or nothing after `timeout_s`."""
        try:
            await asyncio.wait_for(self._news.wait(), timeout_s)
        except TimeoutError:
            return b""
        self._news.clear()
        frames = b"".join(self._waiting.values())
        self._waiting.clear()
        return frames


class Broadcast:
    """Fans events out to all open pages; `publish` may be called from any thread."""

    def __init__(self, *, epoch: str = "0", heartbeat_s: float = HEARTBEAT_S) -> None:
        self._epoch = epoch
        self._heartbeat_s = heartbeat_s
        self._seq = 0
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._latest: OrderedDict[str, bytes] = OrderedDict()
        self._readers: set[Reader] = set()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def clients(self) -> int:
        """How many pages listen."""
        return len(self._readers)

    @property
    def latest(self) -> Mapping[str, bytes]:
        """The newest frame of each kind that replaces its older one."""
        return self._latest

    def publish(self, event: str, data: dict[str, Any]) -> None:
        """Write an event once and hand it to every page; anybody may listen, so it is public."""
        body = public(to_json(data).decode()).encode()
        key = f"{event} {data.get('machine_id', '')} {data.get('case_id') or data.get('id', '')}"
        with self._lock:
            self._seq += 1
            frame = b"id: %s-%d\nevent: %s\ndata: %s\n\n" % (
                self._epoch.encode(), self._seq, event.encode(), body,
            )  # fmt: skip
            if event == TOLD_OFTEN:
                self._remember(key, frame)
            else:
                self._ring.append((self._seq, key, frame))
            readers = tuple(self._readers)
        for reader in readers:
            self._hand(reader, key, frame)

    def _remember(self, key: str, frame: bytes) -> None:
        self._latest[key] = frame
        self._latest.move_to_end(key)
        if len(self._latest) > PENDING:
            self._latest.popitem(last=False)

    @staticmethod
    def _hand(reader: Reader, key: str, frame: bytes) -> None:
        try:
            here = asyncio.get_running_loop() is reader.loop
        except RuntimeError:
            here = False
        if here:
            reader.put(key, frame)
        elif not reader.loop.is_closed():
            reader.loop.call_soon_threadsafe(reader.put, key, frame)

    async def listen(self, last_event_id: str | None = None) -> AsyncIterator[bytes]:
        """Yield frames: what was missed since `last_event_id`, the newest, then all that comes."""
        reader = Reader(asyncio.get_running_loop())
        with self._lock:
            missed = b"".join(self._missed(last_event_id))
            newest = b"".join(self._latest.values())
            self._readers.add(reader)
        try:
            yield b"retry: 1000\nevent: hello\ndata: {}\n\n" + missed + newest
            while True:
                yield await reader.take(self._heartbeat_s) or b"event: beat\ndata: {}\n\n"
                if self._closed:
                    return
        finally:
            with self._lock:
                self._readers.discard(reader)

    def _missed(self, last_event_id: str | None) -> Iterator[bytes]:
        epoch, _, seq = (last_event_id or "").rpartition("-")
        if epoch != self._epoch or not seq.isdecimal():
            return
        for number, _key, frame in self._ring:
            if number > int(seq):
                yield frame

    def close(self) -> None:
        """End all streams, so that the server can stop; called before it shuts down."""
        self._closed = True
        with self._lock:
            readers = tuple(self._readers)
        for reader in readers:
            self._hand(reader, "bye", b"event: bye\ndata: {}\n\n")


def live_routes(view: View, hub: Broadcast) -> APIRouter:
    """Return the stream, and the newest signal of one machine."""
    routes = APIRouter(prefix="/api", tags=["live"])

    @routes.get("/stream")
    async def stream(
        last_event_id: Annotated[str | None, Header(max_length=80)] = None,
    ) -> StreamingResponse:
        """Send live, health, case and job events as they come (server-sent events).

        Each has an `id`. A client that lost its line sends the last one as `Last-Event-ID` and
        gets what it missed (the newest 512 events), as a browser's EventSource does by itself;
        then the newest signal of each machine. A `beat` every 2 s says that the hub is there.
        """
        if hub.clients >= MAX_CLIENTS:
            raise HTTPException(503, f"{MAX_CLIENTS} pages listen already; try again later")
        return StreamingResponse(
            hub.listen(last_event_id),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    @routes.get("/machines/{machine_id}/live")
    async def read_live(machine_id: str) -> Answer:
        """Return the newest waveform, spectrum and values."""
        found = view.live(machine_id)
        if found is None:
            raise HTTPException(404, f"no data yet of machine '{machine_id:.64}'")
        return Answer(found)

    return routes
