"""Commands to a node: read, refused when too late, done once, answered."""

from collections import OrderedDict
from collections.abc import Callable

from fieldlab.core import topics
from fieldlab.core.clock import Clock
from fieldlab.core.codec import decode_command
from fieldlab.core.errors import FieldlabError, PayloadError
from fieldlab.core.ids import MAX_LENGTH
from fieldlab.core.messages import Command, Reply

REMEMBERED = 256
_NOT_IN_A_TOPIC = frozenset("/+#\0")


class Commands:
    """Answer commands; the same id is done once, however often it is delivered."""

    def __init__(self, do: Callable[[str, Command], Reply], clock: Clock) -> None:
        self.unreadable = 0
        self._do = do
        self._clock = clock
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    def answer(self, topic: str, payload: bytes) -> Reply | None:
        """Return the reply to a command; None if it cannot be read (counted)."""
        try:
            name = topics.parse(topic).leaf
            command = decode_command(payload)
            if len(command.id) > MAX_LENGTH or _NOT_IN_A_TOPIC & set(command.id):
                raise PayloadError(f"command '{name}': its id cannot be part of a topic")
        except PayloadError:
            self.unreadable += 1
            return None
        if command.id not in self._replies:
            self._replies[command.id] = self._reply(name, command)
            if len(self._replies) > REMEMBERED:
                self._replies.popitem(last=False)
        return self._replies[command.id]

    def _reply(self, name: str, command: Command) -> Reply:
        now_s = self._clock.now_s()
        late_s = now_s - command.expires_s
        if late_s >= 0:
            reason = f"'{name}' came {late_s:.1f} s too late"
            return Reply(id=command.id, ok=False, t_s=now_s, reason=reason)
        try:
            return self._do(name, command)
        except FieldlabError as error:
            return Reply(id=command.id, ok=False, t_s=now_s, reason=str(error))
