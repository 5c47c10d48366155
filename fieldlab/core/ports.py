"""What the outside looks like: each plug is a small Protocol with a real and a simulated maker."""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from fieldlab.core.messages import Command, PrinterStatus, Reading, Reply, Sliced

OnMessage = Callable[[str, bytes], None]


class Bus(Protocol):
    """Publish and subscribe; delivery is at least once for QoS 1."""

    async def connect(self) -> None:
        """Connect and keep reconnecting; raises BusError if the first try is refused."""
        ...

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand over a message; False if the queue is full and it was not taken."""
        ...

    async def subscribe(self, subscription: str, on_message: OnMessage) -> None:
        """Call `on_message(topic, payload)` on the event loop for each message that matches."""
        ...

    async def close(self) -> None:
        """Say goodbye and disconnect; never raises."""
        ...


class Sensor(Protocol):
    """The sensors of one node, read together."""

    async def read(self) -> tuple[Reading, ...] | None:
        """Return the next readings, in order of time; None when there will be no more.

        Raises InputError if the source is broken.
        """
        ...

    def command(self, name: str, command: Command) -> Reply:
        """Do what a command asks; a sensor that knows no commands says so in the reply."""
        ...

    def checkpoint(self) -> bytes:
        """Return what must be kept so that a restart goes on from the last reading."""
        ...


class Slicer(Protocol):
    """A mesh to G-code."""

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh; raises SliceError or MeshError."""
        ...


class Printer(Protocol):
    """A printer; a job key is printed at most once, however often it is started."""

    def start(self, job_key: str, gcode: bytes) -> None:
        """Upload and start; harmless if the printer has this job already.

        Raises PrinterError if the printer refuses, is busy or cannot be reached. After an error
        only `status(job_key)` tells whether the job got there.
        """
        ...

    def status(self, job_key: str | None = None) -> PrinterStatus:
        """Return what the printer does now; `offline`, with the reason, if it cannot be asked.

        With a job, return where that job stands: `idle` if the printer never had it, `failed` if
        it had and no print of it is under way or was finished.
        """
        ...

    def cancel(self, job_key: str) -> None:
        """Stop this job and cool down; raises PrinterError if it cannot be reached."""
        ...

    def measure(self, job_key: str) -> Mapping[str, float] | None:
        """Return mass_g and critical sizes in mm of the printed part, None if a person must."""
        ...


@runtime_checkable
class PrintSensors(Protocol):
    """A printer with sensors of its own: it is a machine too."""

    def layers(self, job_key: str) -> tuple[Mapping[str, float], ...]:
        """Return what its sensors said, a row of named numbers for each finished layer."""
        ...
