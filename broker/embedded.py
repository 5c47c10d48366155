"""Run amqtt: `python -m broker.embedded SETTINGS.json`, until SIGTERM or SIGINT."""

import asyncio
import json
import logging
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")  # amqtt warns of its own options, on stderr, at each start

from amqtt.broker import Broker  # noqa: E402
from amqtt.errors import AMQTTError  # noqa: E402


async def serve(settings: dict[str, Any]) -> None:
    """Serve until asked to stop; raises AMQTTError or OSError if the port is not to be had."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    broker = Broker(settings)
    await broker.start()
    await stop.wait()
    await broker.shutdown()


def main(argv: list[str]) -> int:
    """Return 0 after a clean stop, 1 if the broker could not start."""
    logging.basicConfig(level=logging.CRITICAL)
    try:
        asyncio.run(serve(json.loads(Path(argv[0]).read_text())))
    except (AMQTTError, OSError) as error:
        sys.stderr.write(f"embedded broker: {error.__cause__ or error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
