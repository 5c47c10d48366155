"""A network between us and a printer that can be cut, or lose a reply, on command."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
CHUNK = 65_536


class Relay:
    """Forwards TCP from its own port to another; use it as a context manager."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._loses_next_start = False
        self.is_cut = False

    @property
    def url(self) -> str:
        """Where the printer seems to be."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Drop every connection, and every new one."""
        self.is_cut = True
        for end in self._open:
            _close(end)

    def mend(self) -> None:
        """Let connections through again."""
        self.is_cut = False

    def lose_the_reply_of_the_next_start(self) -> None:
        """Let the next upload through, and drop its answer."""
        self._loses_next_start = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection((HOST, self._to)) as far:
            self._open += [near, far]
            first = near.recv(CHUNK)
            loses = self._loses_next_start and first.startswith((b"POST", b"PUT"))
            if loses:
                self._loses_next_start = False
            far.sendall(first)
            threading.Thread(target=_pump, args=(near, far), daemon=True).start()
            if loses:
                while (answer := far.recv(CHUNK)).startswith(b"HTTP/1.1 401"):
                    near.sendall(answer)  # only the challenge of a log-in, not the reply
            else:
                _pump(far, near)
            _close(near)
            _close(far)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
