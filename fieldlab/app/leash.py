"""Run a foreign program and end it when the parent of this process is gone.

python -m fieldlab.app.leash PROGRAM ARGUMENT…
"""

import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main(argv: list[str]) -> int:
    """Run the program and return its exit code."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command

    def end(_: int, __: FrameType | None) -> None:
        process.terminate()

    def watch() -> None:
        while os.read(0, 1024):
            pass
        process.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=watch, name="leash", daemon=True).start()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
