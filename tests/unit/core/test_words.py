"""Topics, clocks, phrases, settings and the shape of the messages."""

import asyncio
import dataclasses
import re
import string

import pytest

from fieldlab.core import messages, topics
from fieldlab.core.clock import ManualClock, SystemClock
from fieldlab.core.errors import PayloadError, SettingsError
from fieldlab.core.messages import Reason
from fieldlab.core.phrases.say import CATALOGUES, say
from fieldlab.core.settings import Settings, load_settings

UNITS = ("_s", "_hz", "_mm", "_mm3", "_g", "_ratio", "_degc", "_h", "_per_year")
PURE = {"value", "confidence", "seq", "boot", "line", "layers", "layer", "windows", "attempt",
        "generation", "priority"}  # fmt: skip


@pytest.mark.parametrize(
    "topic",
    [
        "fieldlab/v1/hall/press/health", "fieldlab/v1/hall/press/case/c-1",
        "fieldlab/v1/hall/press/cmd/fit", "fieldlab/v1/hall/press/reply/7",
        "fieldlab/v1/hall/press/pi/status", "fieldlab/v1/hall/press/pi/meta",
        "fieldlab/v1/hall/press/pi/ack", "fieldlab/v1/hall/press/pi/wave/acc",
        "fieldlab/v1/hall/press/pi/value/temp",
    ],
)  # fmt: skip
def test_a_topic_survives_being_read(topic: str) -> None:
    found = topics.parse(topic)

    assert str(found) == topic
    assert topics.matches(topics.pattern(found.kind), topic)
    assert topics.retained(found.kind) == (found.kind in ("health", "case", "status", "meta"))


@pytest.mark.parametrize("topic", ["", "a/b", "fieldlab/v1/a/b", "fieldlab/v1/a//health"])
def test_a_strange_topic_is_refused(topic: str) -> None:
    with pytest.raises(PayloadError):
        topics.parse(topic)


@pytest.mark.parametrize(
    ("subscription", "topic", "caught"),
    [("a/#", "a/b/c", True), ("a/+/c", "a/b/c", True), ("a/b", "a/b/c", False),
     ("a/b/c", "a/b", False), ("a/+", "b/a", False)],
)  # fmt: skip
def test_subscriptions_catch_what_mqtt_says(subscription: str, topic: str, caught: bool) -> None:
    assert topics.matches(subscription, topic) is caught


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(start_s=10.0)

    clock.wait(5.0)
    asyncio.run(clock.sleep(2.5))

    assert clock.now_s() == clock.monotonic_s() == 17.5


def test_the_system_clock_does_not_run_backwards() -> None:
    clock = SystemClock()
    before = clock.monotonic_s()

    clock.wait(0.0)
    asyncio.run(clock.sleep(0.0))

    assert clock.monotonic_s() >= before
    assert clock.now_s() > 1_700_000_000


def test_every_number_in_a_message_names_its_unit() -> None:
    records = [found for found in vars(messages).values() if dataclasses.is_dataclass(found)]

    for record in records:
        for field in dataclasses.fields(record):
            if re.search(r"\b(float|int)\b", str(field.type)) and "Mapping" not in str(field.type):
                named = field.name.endswith(UNITS) or field.name in PURE
                assert named, f"{record.__name__}.{field.name}"


def test_both_languages_have_every_phrase_with_the_same_numbers() -> None:
    english, dutch = CATALOGUES["en"], CATALOGUES["nl"]

    assert set(english) == set(dutch)
    for key in english:
        fields = [
            {f[1] for f in string.Formatter().parse(p)} - {None} for p in (english[key], dutch[key])
        ]
        assert fields[0] == fields[1], key


def test_dutch_numbers_have_a_decimal_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUES["nl"], "test", "{wear_mm:.2f} mm in {hours} uur")

    said = say(Reason(key="test", numbers={"wear_mm": 0.14, "hours": "310"}), "nl")

    assert said == "0,14 mm in 310 uur"


def test_settings_without_a_file_are_the_demo() -> None:
    assert load_settings() == Settings()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDLAB_PAGE__PORT", "9000")

    assert load_settings({"page": {"port": 8001}}).page.port == 9000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"page": {"prt": 1}}, "option 'page.prt' is not a known key"),
        ({"demo": {"speed": -1}}, "option 'demo.speed' found -1"),
        ({"sitee": "x"}, "option 'sitee'"),
    ],
)
def test_a_wrong_option_is_named_in_full(options: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        load_settings(options)
