"""Every option: its default, its bound, its one home. `Settings()` is the demo.

One TOML file (HOME/settings.toml) overrides the defaults, and the environment overrides the file:
FIELDLAB_STORE__RING_MB=200 is `[store] ring_mb = 200`.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from fieldlab.core.errors import SettingsError
from fieldlab.core.strict import Place, dotted, explain

SlicerName = Literal["embedded", "prusaslicer", "auto"]


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Page(_Options):
    """Where the page is served."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000


class Access(_Options):
    """How long a log-in lasts: unused, and at most."""

    idle_h: Annotated[float, Field(gt=0, le=1000)] = 2.0
    longest_h: Annotated[float, Field(gt=0, le=10_000)] = 24.0


Hour = Annotated[int, Field(ge=0, le=23)]


class Notify(_Options):
    """How a person is called who is needed; nobody is called where nothing is set."""

    language: Literal["en", "nl"] = "en"
    page_url: str = ""  # how people reach the page, like http://fieldlab.local:8000
    ntfy_url: str = ""  # like http://ntfy.local/fieldlab
    webhook_url: str = ""
    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = 25
    smtp_user: str = ""  # with the password in HOME/secrets/smtp
    mail_from: str = "fieldlab@localhost"
    mail_to: tuple[str, ...] = ()
    quiet_from_h: Hour | None = None
    quiet_until_h: Hour | None = None


class Keeping(_Options):
    """How much is kept under the home."""

    outbox_mb: Annotated[float, Field(ge=1, le=100_000)] = 256.0
    ring_mb: Annotated[float, Field(ge=1, le=100_000)] = 64.0


class Demo(_Options):
    """The demo's pace, in event time of the simulated machine and seconds of the wall clock."""

    interval_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    speed: Annotated[float, Field(gt=0, le=10_000)] = 180.0
    headless_speed: Annotated[float, Field(gt=0, le=10_000)] = 360.0
    healthy_s: Annotated[float, Field(gt=0, le=1e6)] = 900.0
    life_s: Annotated[float, Field(gt=0, le=1e7)] = 5400.0
    print_s: Annotated[float, Field(gt=0, le=3600)] = 8.0
    headless_print_s: Annotated[float, Field(gt=0, le=3600)] = 1.5
    approve_after_s: Annotated[float, Field(ge=0, le=3600)] = 20.0


class PrinterOptions(_Options):
    """One printer: how it is reached, what it may print, who clears its bed."""

    kind: Literal["virtual", "octoprint", "moonraker", "prusalink"]
    url: str = ""  # like http://octopi.local
    key_file: str = ""  # in HOME/secrets: the API key, or PrusaLink's password
    user: str = "maker"  # of PrusaLink
    storage: Literal["usb", "local", "sdcard"] = "usb"  # of PrusaLink
    profile: str = "virtual"  # its limits
    slicer: SlicerName = "embedded"  # `auto`: PrusaSlicer for what ours cannot slice
    quality: str = "normal"  # how finely, and how full
    materials: tuple[str, ...] = ("PLA", "PETG", "PA12", "PA12-CF", "TPU")
    bed: Literal["person", "self"] = "person"  # who says that the bed is clear
    counts_filament: bool = True
    machine: str = ""  # the id of the machine file that watches this printer itself
    starting_s: Annotated[float, Field(ge=0, le=3600)] = 20.0


VIRTUAL = PrinterOptions(kind="virtual", bed="self", counts_filament=False)


class Trial(_Options):
    """How this hub is put to the test: it kills itself at a named point, so many times."""

    kill_at: str = ""  # names with commas between them; "all" is each of them
    times: Annotated[int, Field(ge=1, le=1000)] = 1


class BenchOptions(_Options):
    """What `fieldlab bench` measures against."""

    peer_python: str = ""  # a Python that has build123d and bd_warehouse; empty is this one


class Settings(BaseSettings):
    """All options of a hub, an edge and the demo."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="FIELDLAB_", env_nested_delimiter="__"
    )

    site: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")] = "fieldlab"
    container: bool = False  # inside a container the page may listen on all addresses
    page: Page = Page()
    access: Access = Access()
    notify: Notify = Notify()
    store: Keeping = Keeping()
    demo: Demo = Demo()
    printers: dict[str, PrinterOptions] = {}  # none: all is printed on `virtual`
    trial: Trial = Trial()
    bench: BenchOptions = BenchOptions()

    def printers_used(self) -> dict[str, PrinterOptions]:
        """Return the printers that jobs go to: those of the file, else the virtual one."""
        return self.printers or {"virtual": VIRTUAL}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file."""
        return env_settings, init_settings


def load_settings(options: dict[str, Any] | None = None, *, where: str = "settings") -> Settings:
    """Return the settings that the options of a file and the environment give.

    Raises
    ------
    SettingsError
        One line for each wrong option, with its full name.
    """
    try:
        return Settings(**(options or {}))
    except ValidationError as error:
        lines = (
            f"{where}: option '{dotted(found['loc'])}' {explain(found, _known(found['loc']))}"
            for found in error.errors(include_url=False)
        )
        raise SettingsError("\n".join(lines)) from error


def _known(place: Place) -> tuple[str, ...]:
    """Return the options that there are where the last step of `place` stands."""
    model: type[BaseModel] = Settings
    for step in place[:-1]:
        if str(step) not in model.model_fields:
            continue  # the name of a printer
        section: Any = model.model_fields[str(step)].annotation
        section = next(iter(get_args(section)[1:]), section)  # of a dict: its values
        if isinstance(section, type) and issubclass(section, BaseModel):
            model = section
    return tuple(model.model_fields)
