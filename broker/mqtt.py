"""Bus over MQTT 3.1.1; the only user of the MQTT library.

The library has a thread of its own. It ends here: each callback hands over to the event loop in
one line, because a slow callback breaks the keepalive.
"""

import asyncio
import contextlib
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from fieldlab.core import topics
from fieldlab.core.errors import BusError
from fieldlab.core.ports import OnMessage

KEEPALIVE_S = 20
MAX_INFLIGHT = 100
MAX_QUEUED = 1_000  # in flight included; each at most 64 KiB
CONNECT_TIMEOUT_S = 10.0
FLUSH_TIMEOUT_S = 2.0
MAX_RECONNECT_S = 8


class MqttBus:
    """Publish and subscribe on an MQTT broker; implements `fieldlab.core.ports.Bus`.

    Parameters
    ----------
    tls : Path or bool
        The certificate of the authority to trust; True: those that this computer trusts.
    client_id : str
        Stable over restarts, unless `clean`: the broker keeps what was missed under this name.
    will : (topic, payload)
        Published by the broker, QoS 1 and retained, when we vanish without a goodbye.
    on_connect : callable
        Called on the event loop at each connect and reconnect, after the subscriptions are sent.
    """

    def __init__(  # noqa: PLR0913 - the settings of one connection
        self,
        host: str,
        port: int,
        tls: Path | bool = False,
        *,
        client_id: str,
        username: str | None = None,
        password: str | None = None,
        will: tuple[str, bytes] | None = None,
        on_connect: Callable[[], None] | None = None,
        clean: bool = False,
    ) -> None:
        self.on_connect = on_connect
        self.unasked = 0  # messages dropped because nobody here asked for their topic
        self._host, self._port = host, port
        self._subscriptions: dict[str, list[OnMessage]] = {}
        self._handlers: dict[str, tuple[OnMessage, ...]] = {}  # by topic, a cache
        self._subscribed: dict[int, asyncio.Future[None]] = {}
        self._answer: asyncio.Future[str] | None = None  # "" or why we are refused
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected = False
        self._last: paho.MQTTMessageInfo | None = None
        self._client = _client(client_id, clean=clean)
        self._trust = _trust(tls) if tls else None
        if self._trust is not None:
            self._client.tls_set_context(self._trust)
        if username is not None:
            self._client.username_pw_set(username, password)
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        self._hand_over()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and has not gone since."""
        return self._connected

    async def connect(self) -> None:
        """Connect and keep reconnecting.

        Raises
        ------
        BusError
            If there is no broker, or it refuses us.
        """
        self._loop = asyncio.get_running_loop()
        self._answer = self._loop.create_future()
        where = f"{self._host}:{self._port}"
        try:
            await asyncio.to_thread(self._meet)
        except ssl.SSLError as error:
            raise BusError(
                f"the MQTT broker at {where} and we do not trust each other ({error.reason}); with"
                " TLS it is mqtts://HOST:PORT, with the broker's ca.pem in HOME/secrets"
            ) from error
        except (OSError, ValueError) as error:
            raise BusError(
                f"no MQTT broker at {where} ({error}); start one or check the address"
            ) from error
        self._client.loop_start()
        try:
            refused = await asyncio.wait_for(asyncio.shield(self._answer), CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            await self.close()
            raise BusError(f"{where} accepts connections but does not speak MQTT") from error
        if refused:
            await self.close()
            raise BusError(f"the MQTT broker at {where} refuses us: {refused}")

    def _meet(self) -> None:
        if self._trust is not None:  # first without the library: it leaves a refused socket open
            address = (self._host, self._port)
            with (
                socket.create_connection(address, CONNECT_TIMEOUT_S) as opened,
                self._trust.wrap_socket(opened, server_hostname=self._host),
            ):
                pass
        self._client.connect(self._host, self._port, KEEPALIVE_S)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand over a message; False if it was not taken.

        QoS 1 is kept over an outage until the queue is full; QoS 0 is not taken while offline.
        """
        if qos == 0 and not self._connected:
            return False
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        if info.rc == paho.MQTT_ERR_SUCCESS or (qos and info.rc == paho.MQTT_ERR_NO_CONN):
            self._last = info
            return True
        return False

    async def subscribe(self, subscription: str, on_message: OnMessage) -> None:
        """Call `on_message(topic, payload)` on the event loop for each message that matches.

        Raises
        ------
        BusError
            If the broker refuses the subscription.
        """
        self._subscriptions.setdefault(subscription, []).append(on_message)
        self._handlers.clear()
        if self._connected and self._loop is not None:
            future = self._send_subscription(subscription)
            try:
                await asyncio.wait_for(future, CONNECT_TIMEOUT_S)
            except TimeoutError as error:
                raise BusError(f"no answer to the subscription '{subscription}'") from error

    async def close(self) -> None:
        """Send what is queued, say goodbye and disconnect; never raises."""
        if self._last is not None and self._connected:
            # What was never sent stays with its owner, in an outbox.
            with contextlib.suppress(RuntimeError, ValueError):
                await asyncio.to_thread(self._last.wait_for_publish, FLUSH_TIMEOUT_S)
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._client._reset_sockets()  # noqa: SLF001 - the library leaves its wake-up pair open
        self._connected = False

    # ------------------------------------------------------- from the library's thread, one line

    def _hand_over(self) -> None:
        client = self._client
        client.on_socket_open = _send_small_packets_at_once
        client.on_connect = lambda _c, _u, _f, reason, _p: self._on_loop(
            self._connected_to, reason.is_failure, str(reason)
        )
        client.on_disconnect = lambda _c, _u, _f, _r, _p: self._on_loop(self._disconnected)
        client.on_subscribe = lambda _c, _u, mid, reasons, _p: self._on_loop(
            self._suback, mid, any(reason.is_failure for reason in reasons)
        )
        client.on_message = lambda _c, _u, message: self._on_loop(self._received, message)

    def _on_loop(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(function, *arguments)  # type: ignore[union-attr]

    # ------------------------------------------------------------------------------ on the loop

    def _connected_to(self, failed: bool, reason: str) -> None:
        self._connected = not failed
        if not failed:
            for subscription in self._subscriptions:
                self._send_subscription(subscription)
            if self.on_connect is not None:
                self.on_connect()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(reason if failed else "")

    def _disconnected(self) -> None:
        self._connected = False
        waiting, self._subscribed = self._subscribed, {}
        for future in waiting.values():  # sent again at the reconnect
            if not future.done():
                future.set_result(None)

    def _send_subscription(self, subscription: str) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_seen)
        _, mid = self._client.subscribe(subscription, qos=1)
        if mid is None:
            future.set_result(None)
        else:
            self._subscribed[mid] = future
        return future

    def _suback(self, mid: int, failed: bool) -> None:
        future = self._subscribed.pop(mid, None)
        if future is None or future.done():
            return
        if failed:
            future.set_exception(BusError("the broker refuses the subscription; check its ACL"))
        else:
            future.set_result(None)

    def _received(self, message: paho.MQTTMessage) -> None:
        try:
            for on_message in self._handlers_of(message.topic):
                on_message(message.topic, bytes(message.payload))
        finally:
            if message.qos:
                self._client.ack(message.mid, message.qos)

    def _handlers_of(self, topic: str) -> tuple[OnMessage, ...]:
        known = self._handlers.get(topic)
        if known is None:
            known = matching(self._subscriptions, topic)
            if len(self._handlers) < MAX_QUEUED:
                self._handlers[topic] = known
        if not known:
            self.unasked += 1
        return known


def matching(subscriptions: Mapping[str, list[OnMessage]], topic: str) -> tuple[OnMessage, ...]:
    """Return who asked for a topic."""
    return tuple(
        on_message
        for subscription, handlers in subscriptions.items()
        if topics.matches(subscription, topic)
        for on_message in handlers
    )


def _client(client_id: str, *, clean: bool) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=clean,
        protocol=paho.MQTTv311,
        manual_ack=True,
    )
    client.max_inflight_messages_set(MAX_INFLIGHT)
    client.max_queued_messages_set(MAX_QUEUED)
    # The library only doubles the wait. A first wait of 0.25 to 1.25 s by client id spreads the
    # clients of a broker that comes back.
    spread_s = 0.25 + zlib.crc32(client_id.encode()) / 2**32
    client.reconnect_delay_set(min_delay=spread_s, max_delay=MAX_RECONNECT_S)  # type: ignore[arg-type]
    return client


def _trust(tls: Path | bool) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=tls if isinstance(tls, Path) else None)
    except OSError as error:
        raise BusError(f"{tls}: holds no certificate to trust ({error.strerror})") from error


def _send_small_packets_at_once(_client: Any, _userdata: Any, opened: Any) -> None:
    if isinstance(opened, socket.socket):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _seen(future: asyncio.Future[None]) -> None:
    """Look at a refusal that nobody awaits (a subscription sent again at a reconnect)."""
    if not future.cancelled():
        future.exception()
