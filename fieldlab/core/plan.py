"""How somebody's own table is to be judged: its columns, its time, and until when all was well."""

from typing import Annotated, Literal

from pydantic import Field

from fieldlab.core.strict import Strict

Role = Literal["signal", "condition", "leave-out"]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class ColumnPlan(Strict):
    """What one column is: it tells of health, it drives the machine, or it is left out."""

    role: Role = "signal"
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "1"


class Plan(Strict):
    """How an upload is judged. Seconds count from its first row.

    A table needs its time: a column (`time`: seconds, or dates as ISO 8601) or `rate_hz`. With
    `machine`, its columns are the sensors of that machine. A recording (zip) brings all of this.
    """

    healthy_until_s: Annotated[float, Field(gt=0, le=1e9)]
    time: Name | None = None
    rate_hz: Annotated[float, Field(gt=0, le=1e6)] | None = None
    columns: Annotated[dict[Name, ColumnPlan], Field(max_length=200, default_factory=dict)]
    machine: Annotated[str, Field(max_length=80)] | None = None
