"""The machine file: shafts, sensors, components, and what may replace them.

The one file that a student or a small manufacturer writes. Strict: an unknown key is refused, and
each error names the key's line, what was found and what would work.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, StringConstraints, ValidationError, model_validator

from fieldlab.core import ids
from fieldlab.core.errors import MachineFileError
from fieldlab.core.strict import Place, Strict, dotted, explain
from fieldlab.core.units import UNITS, Quantity, unit_fits

Id = Annotated[str, StringConstraints(pattern=f"^{ids.PATTERN}$", max_length=ids.MAX_LENGTH)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
LocalText = Annotated[dict[Literal["en", "nl"], Word], Field(min_length=1)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Position = Annotated[list[float], Field(min_length=3, max_length=3)]
Way = Literal["up", "down"]
MAX_FILE_CHARS = 200_000


class Shaft(Strict):
    """A turning shaft: its own speed sensor, a nominal speed, or driven by another shaft."""

    nominal_rpm: Positive | None = None
    speed: Id | None = None
    driven_by: Id | None = None
    ratio: Positive | None = None
    rated_power_kw: Positive | None = None  # of the motor's plate: with them a current sensor
    rated_current_a: Positive | None = None  # tells the torque

    @model_validator(mode="after")
    def _ratio_goes_with_driven_by(self) -> Self:
        if (self.driven_by is None) != (self.ratio is None):
            raise ValueError("'driven_by' and 'ratio' go together: give both or neither")
        return self


class Source(Strict):
    """Somebody else's MQTT message, read as it is; `path` walks into JSON with dots."""

    mqtt: Word
    path: Annotated[str, StringConstraints(max_length=200)] | None = None


class SensorSpec(Strict):
    """One sensor: what it measures, in which unit, and how often if it gives waveforms."""

    quantity: Quantity
    unit: Word
    rate_hz: Annotated[float, Field(gt=0, le=1e6)] | None = None
    role: Literal["condition"] | None = None
    source: Source | None = None
    near: list[Id] = []
    position_mm: Position | None = None
    name: LocalText | None = None

    @model_validator(mode="after")
    def _unit_fits_quantity(self) -> Self:
        if not unit_fits(self.quantity, self.unit):
            wanted = ", ".join(UNITS.get(self.quantity, {}))
            raise ValueError(f"unit '{self.unit}' does not measure {self.quantity}; use {wanted}")
        return self

    @property
    def is_condition(self) -> bool:
        """Whether it says what drives the machine rather than how the machine is."""
        return self.role == "condition"

    @property
    def is_wave(self) -> bool:
        """Whether it gives waveforms rather than single numbers."""
        return self.rate_hz is not None


class PrintedPart(Strict):
    """A replacement that can be printed: its family, sizes and the room it may take."""

    family: Key
    material: Word
    sizes: dict[Key, float | Word] = {}
    materials: list[Word] = []
    max_width_mm: Positive | None = None
    space_mm: Annotated[list[Positive], Field(min_length=3, max_length=3)] | None = None
    target_life_h: Positive | None = None
    critical_mm: dict[Key, Positive] = {}


class BoughtPart(Strict):
    """A replacement that can be bought."""

    article: Word
    price_eur: Annotated[float, Field(ge=0, le=1e9)]
    lead_time_days: Annotated[float, Field(ge=0, le=3650)]


class Adjustment(Strict):
    """Something a person can do instead of replacing."""

    instruction: LocalText


class Replacement(Strict):
    """What can be done about a component; the three may stand together."""

    print: PrintedPart | None = None
    buy: BoughtPart | None = None
    adjust: Adjustment | None = None


class FailureMode(Strict):
    """A symptom table (ISO 13379-1): which sensor goes which way."""

    symptoms: Annotated[dict[Id, Way], Field(min_length=1)]


class _Component(Strict):
    shaft: Id | None = None
    near: list[Id] = []
    position_mm: Position | None = None
    name: LocalText | None = None
    safety: Literal["never-print"] | None = None
    failure_modes: dict[Id, FailureMode] = {}
    replace: Replacement = Replacement()


class RollingBearing(_Component):
    """A ball or roller bearing; its geometry gives the fault orders."""

    kind: Literal["rolling-bearing"]
    rolling_elements: Annotated[int, Field(ge=3, le=200)] | None = None
    element_diameter_mm: Positive | None = None
    pitch_diameter_mm: Positive | None = None
    contact_angle_deg: Annotated[float, Field(ge=0, lt=90)] = 0.0

    @model_validator(mode="after")
    def _geometry_is_whole(self) -> Self:
        sizes = (self.rolling_elements, self.element_diameter_mm, self.pitch_diameter_mm)
        if None in sizes and any(size is not None for size in sizes):
            raise ValueError(
                "give rolling_elements, element_diameter_mm and pitch_diameter_mm, or none of them"
            )
        element_mm, pitch_mm = self.element_diameter_mm, self.pitch_diameter_mm
        if element_mm is not None and pitch_mm is not None and element_mm >= pitch_mm:
            raise ValueError(
                f"element_diameter_mm {element_mm:g} must be less than"
                f" pitch_diameter_mm {pitch_mm:g}"
            )
        return self


class Gear(_Component):
    """A toothed wheel; `mates` is the wheel it turns against."""

    kind: Literal["gear"]
    teeth: Annotated[int, Field(ge=4, le=1000)]
    mates: Id | None = None
    lubrication: Literal["dry", "grease", "oil"] | None = None


class Pulley(_Component):
    """A belt pulley; `belt` is the belt that runs on it."""

    kind: Literal["pulley"]
    teeth: Annotated[int, Field(ge=4, le=1000)] | None = None
    belt: Id | None = None


class Belt(_Component):
    """A belt; a toothed one gives its number of teeth, any other its length and pulley."""

    kind: Literal["belt"]
    teeth: Annotated[int, Field(ge=10, le=100_000)] | None = None
    drives: Id | None = None  # the pulley or roller that sets its speed


class Coupling(_Component):
    """A flexible coupling between two shafts."""

    kind: Literal["coupling"]
    jaws: Annotated[int, Field(ge=2, le=24)] | None = None


class Impeller(_Component):
    """A bladed wheel that moves air or liquid."""

    kind: Literal["impeller"]
    blades: Annotated[int, Field(ge=2, le=200)] | None = None


class Rotor(_Component):
    """A turning mass, bladed or not."""

    kind: Literal["rotor"]
    blades: Annotated[int, Field(ge=2, le=200)] | None = None


class OtherComponent(_Component):
    """A component without kinematics of its own here."""

    kind: Literal["plain-bearing", "roller", "valve", "pump", "other"]


Component = Annotated[
    RollingBearing | Gear | Pulley | Belt | Coupling | Impeller | Rotor | OtherComponent,
    Field(discriminator="kind"),
]
AnyComponent = RollingBearing | Gear | Pulley | Belt | Coupling | Impeller | Rotor | OtherComponent


class Policy(Strict):
    """What the owner wants: who approves, and how many false cases a year are acceptable."""

    approval: Literal["required", "auto"] = "required"
    false_cases_per_year: Annotated[float, Field(gt=0, le=10_000)] = 1.0


class Machine(Strict):
    """One machine, as its machine file describes it."""

    fieldlab: Literal[1]
    id: Id
    name: LocalText | None = None
    window_s: Annotated[float, Field(gt=0, le=86_400)] = 1.0
    learn_s: Annotated[float, Field(gt=0, le=1e8)] = 300.0
    shafts: dict[Id, Shaft] = {}
    sensors: Annotated[dict[Id, SensorSpec], Field(min_length=1)]
    components: dict[Id, Component] = {}
    policy: Policy = Policy()

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        problems = [*_dangling(self), *_circles(self.shafts)]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """The sensors that say what drives the machine."""
        return tuple(name for name, sensor in self.sensors.items() if sensor.is_condition)

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the components in groups that these sensors cannot tell apart.

        Two components are one group when they are equal in all that makes a signal: kind, shaft,
        sensors, kinematics and symptoms.
        """
        by_signature: dict[str, list[str]] = {}
        for name, component in self.components.items():
            signature = component.model_dump_json(exclude={"position_mm", "name", "replace"})
            by_signature.setdefault(signature, []).append(name)
        return tuple(tuple(names) for names in by_signature.values())

    def group_of(self, component: str) -> tuple[str, ...]:
        """Return the components that cannot be told from this one, itself included."""
        return next(group for group in self.groups() if component in group)


def turns_per_turn(shafts: Mapping[str, Shaft], shaft: str) -> tuple[str, float]:
    """Return the shaft at the root of a drive, and the turns of `shaft` per turn of that root.

    >>> turns_per_turn({"a": Shaft(), "b": Shaft(driven_by="a", ratio=0.4)}, "b")
    ('a', 0.4)
    """
    ratio, name = 1.0, shaft
    while (driver := shafts[name].driven_by) is not None:
        ratio *= shafts[name].ratio or 1.0
        name = driver
    return name, ratio


def _dangling(machine: Machine) -> Iterator[str]:
    for name, shaft in machine.shafts.items():
        yield from _dangling_shaft(machine, f"shafts.{name}", shaft)
    for name, component in machine.components.items():
        yield from _dangling_component(machine, f"components.{name}", component)
    for name, sensor in machine.sensors.items():
        for other in sensor.near:
            if other not in machine.components:
                yield f"sensors.{name}.near: {_missing(other, machine.components, 'component')}"


def _dangling_shaft(machine: Machine, at: str, shaft: Shaft) -> Iterator[str]:
    if shaft.driven_by is not None and shaft.driven_by not in machine.shafts:
        yield f"{at}.driven_by: {_missing(shaft.driven_by, machine.shafts, 'shaft')}"
    if shaft.speed is not None and shaft.speed not in machine.sensors:
        yield f"{at}.speed: {_missing(shaft.speed, machine.sensors, 'sensor')}"
    elif shaft.speed and machine.sensors[shaft.speed].quantity != "rotational-speed":
        yield f"{at}.speed: sensor '{shaft.speed}' does not measure rotational-speed"


def _dangling_component(machine: Machine, at: str, component: AnyComponent) -> Iterator[str]:
    if component.shaft is not None and component.shaft not in machine.shafts:
        yield f"{at}.shaft: {_missing(component.shaft, machine.shafts, 'shaft')}"
    named = [(f"{at}.near", sensor) for sensor in component.near]
    for mode, table in component.failure_modes.items():
        named += [(f"{at}.failure_modes.{mode}.symptoms", sensor) for sensor in table.symptoms]
    for place, sensor in named:
        if sensor not in machine.sensors:
            yield f"{place}: {_missing(sensor, machine.sensors, 'sensor')}"
    for key in ("mates", "belt", "drives"):
        other = getattr(component, key, None)
        if other is not None and other not in machine.components:
            yield f"{at}.{key}: {_missing(other, machine.components, 'component')}"


def _missing(name: str, known: Mapping[str, Any], what: str) -> str:
    return f"there is no {what} '{name}'; there is {', '.join(known) or 'none'}"


def _circles(shafts: Mapping[str, Shaft]) -> Iterator[str]:
    for name in shafts:
        seen, at = {name}, shafts[name].driven_by
        while at is not None and at in shafts:
            if at in seen:
                yield f"shafts.{name}.driven_by: drives itself in a circle"
                break
            seen.add(at)
            at = shafts[at].driven_by


# ------------------------------------------------------------------------------------- reading


def parse_machine(text: str, *, file: str = "machine.yaml") -> Machine:
    """Return the machine that a machine file's text describes.

    Raises
    ------
    MachineFileError
        One line for each wrong key: file, line, key, what was found, what would work.
    """
    if len(text) > MAX_FILE_CHARS:
        raise MachineFileError((f"{file}: {len(text)} characters; at most {MAX_FILE_CHARS}",))
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(text) if root is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{file}:{mark.line + 1}" if mark else file
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise MachineFileError((f"{at}: not YAML: {what}",)) from error
    if not isinstance(plain, dict) or root is None:
        raise MachineFileError(
            (f"{file}: found {plain!r:.40}; a machine file has keys like 'id:'",)
        )
    lines: dict[Place, int] = {}
    repeated = tuple(_walk(root, (), lines))
    if repeated:
        raise MachineFileError(
            tuple(f"{file}:{line}: {dotted(at)}: stands here twice" for at, line in repeated)
        )
    return load_machine(plain, file=file, lines=lines)


def load_machine(
    plain: Mapping[str, Any],
    *,
    file: str = "machine file",
    lines: Mapping[Place, int] | None = None,
) -> Machine:
    """Return the machine that plain data (from YAML or JSON) describes; raises MachineFileError."""
    try:
        return Machine.model_validate(plain)
    except ValidationError as error:
        problems = tuple(
            line
            for problem in error.errors(include_url=False)
            for line in _problem_lines(problem, file, lines or {})
        )
        raise MachineFileError(tuple(dict.fromkeys(problems))) from error


def _problem_lines(
    problem: Mapping[str, Any], file: str, lines: Mapping[Place, int]
) -> Iterator[str]:
    place = _without_tags(problem["loc"])
    if problem["type"] == "union_tag_invalid":
        found = problem["ctx"]["tag"]
        place, problem = (*place, "kind"), {**problem, "input": found}
    text = explain({**problem, "loc": place}, _known_keys(place))
    for line in text.splitlines():
        if place or problem["type"] != "value_error":
            at, said = place, f"{dotted(place)}: {line}"
        else:  # a check across keys names its own place
            at, said = tuple(line.split(":")[0].split(".")), line
        while at and at not in lines:
            at = at[:-1]
        yield f"{file}:{lines[at]}: {said}" if at in lines else f"{file}: {said}"


_KINDS: dict[str, type[Strict]] = {
    "rolling-bearing": RollingBearing, "gear": Gear, "pulley": Pulley, "belt": Belt,
    "coupling": Coupling, "impeller": Impeller, "rotor": Rotor, "plain-bearing": OtherComponent,
    "roller": OtherComponent, "valve": OtherComponent, "pump": OtherComponent,
    "other": OtherComponent,
}  # fmt: skip


def _without_tags(place: Place) -> Place:
    """Drop what pydantic adds to a place: the kind of a component, and '[key]' of a dict."""
    if place[:1] == ("components",) and len(place) > 2 and place[2] in _KINDS:
        place = place[:2] + place[3:]
    return tuple(
        step for step in place if step not in ("[key]", "float") and "constrained" not in str(step)
    )


def _known_keys(place: Place) -> tuple[str, ...]:
    """Return the keys that are allowed where the last step of `place` stands."""
    models: dict[int, Any] = {1: Machine}
    sections: dict[str, Any] = {"shafts": Shaft, "sensors": SensorSpec, "policy": Policy}
    if len(place) == 3 and place[0] in sections:
        models[3] = sections[str(place[0])]
    elif len(place) == 2 and place[0] == "policy":
        models[2] = Policy
    elif place[:1] == ("components",) and len(place) == 3:
        known = {key: None for kind in _KINDS.values() for key in kind.model_fields}
        return tuple(known)
    elif "replace" in place:
        deeper: dict[str, Any] = {"print": PrintedPart, "buy": BoughtPart, "adjust": Adjustment}
        models[len(place)] = deeper.get(str(place[-2]), Replacement)
    elif "source" in place:
        models[len(place)] = Source
    elif "failure_modes" in place:
        models[len(place)] = FailureMode
    model = models.get(len(place))
    return tuple(model.model_fields) if model else ()


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int]) -> Iterator[tuple[Place, int]]:
    """Note the line of every key, and yield the keys that stand twice."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = (*place, str(key.value))
            line = key.start_mark.line + 1
            if at in lines:
                yield at, line
            lines[at] = line
            yield from _walk(value, at, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[*place, index] = value.start_mark.line + 1
            yield from _walk(value, (*place, index), lines)
