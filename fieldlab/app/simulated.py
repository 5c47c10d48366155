"""A simulated machine as a sensor node: paced by the wall clock, obeying `fit` and `break`."""

from fieldlab.core.clock import Clock
from fieldlab.core.errors import InputError
from fieldlab.core.messages import Command, Reading, Reply
from simulators.machine import SimulatedMachine
from simulators.scenario import Scenario


class SimulatedSensor:
    """The sensors of a simulated machine, read together (fieldlab.core.ports.Sensor).

    `interval_s` of event time pass between two windows, `speed` times as fast as the wall clock.
    """

    patient = True  # it can wait: the machine stands still while nobody takes its readings

    def __init__(
        self,
        machine: SimulatedMachine,
        scenario: Scenario | None,
        clock: Clock,
        *,
        interval_s: float,
        speed: float,
    ) -> None:
        self._machine = machine
        self._scenario = scenario
        self._clock = clock
        self._interval_s = interval_s
        self._pause_s = interval_s / speed
        self._next_s = clock.monotonic_s()

    async def read(self) -> tuple[Reading, ...] | None:
        """Return the next window of all sensors."""
        now_s = self._clock.monotonic_s()
        await self._clock.sleep(self._next_s - now_s)
        self._next_s = max(self._next_s + self._pause_s, now_s)
        if self._scenario is not None:
            self._scenario.step()
        return self._machine.read(self._interval_s)

    def command(self, name: str, command: Command) -> Reply:
        """Fit a part (a person does that on a real machine) or break a component."""
        arguments = command.arguments
        try:
            if name == "fit":
                self._machine.fit(
                    str(arguments.get("component")),
                    material=str(arguments.get("material", "")),
                    sizes=dict(arguments.get("sizes") or {}),
                )
            elif name == "break":
                self._machine.break_(
                    str(arguments.get("component")),
                    str(arguments.get("failure_mode")),
                    float(arguments.get("severity", 0.5)),
                )
            else:
                raise InputError(f"a simulated machine knows 'fit' and 'break', not '{name}'")
        except (InputError, TypeError, ValueError) as error:
            return Reply(id=command.id, ok=False, t_s=self._machine.now_s, reason=str(error))
        return Reply(id=command.id, ok=True, t_s=self._machine.now_s)

    def checkpoint(self) -> bytes:
        """Return the machine's state; its place in the scenario is part of it."""
        return self._machine.state()
