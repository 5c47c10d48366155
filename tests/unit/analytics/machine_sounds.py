"""Windows of the demo's machine, made by the simulator, for the tests of analytics."""

from collections.abc import Iterator

from analytics.framing import Framer
from fieldlab.core.messages import Window
from simulators.machine import SimulatedMachine


def windows(
    simulated: SimulatedMachine, count: int, *, interval_s: float = 30.0
) -> Iterator[Window]:
    """Yield windows of a simulated machine, one each `interval_s`."""
    framer = Framer(simulated.machine)
    done = 0
    while True:
        for reading in simulated.read(interval_s):
            for window in framer.add(reading):
                yield window
                done += 1
                if done == count:
                    return
