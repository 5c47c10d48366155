"""What a user gets wrong is said in one line with the contract's exit code, never a traceback."""

import socket
from pathlib import Path

import pytest

from fieldlab.app.cli.main import COMMANDS, main


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(list(words))
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["dmeo"], "there is no command 'dmeo'"),
        (["check"], "the following arguments are required: MACHINE"),
        (["check", "missing.yaml"], "missing.yaml: cannot be read (No such file or directory)"),
        (["diagnose", "nowhere"], "nowhere"),
        (["backtest", "nowhere", "--healthy-until-s", "5", "--out", "x"], "nowhere"),
        (["backtest", "nowhere", "--healthy-until-s", "soon", "--out", "x"], "invalid float"),
        (["part", "spur_gaer", "-o", "x.stl"], "spur_gaer"),
        (["part", "spur_gear", "teth=20", "-o", "x.stl"], "teth"),
        (["part", "spur_gear", "teeth=3", "-o", "x.stl"], "teeth"),
        (["part", "spur_gear", "-o", "x.obj"], "must be .stl, .3mf"),
        (["slice", "missing.stl", "--material", "PLA", "-o", "x"], "missing.stl: cannot be read"),
        (["gate", "missing.gcode", "--material", "PLA"], "missing.gcode: cannot be read"),
        (["hub", "--broker", "nowhere"], "is not HOST:PORT"),
        (["hub", "--port", "99999"], "'99999' is not a port; give 1 to 65535"),
        (["bench", "nothing"], "there is no bench 'nothing'"),
        (["demo", "--cases", "0"], "is not a whole number from 1"),
        (["demo", "--speeed", "3"], "unrecognized arguments: --speeed"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, line = said(capsys, *words)

    assert code == 2
    assert part in line
    assert len(line.strip().splitlines()) == 1


def test_a_home_without_a_store_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, line = said(capsys, "cases", "--home", str(tmp_path))

    assert code == 1
    assert "no fieldlab home here" in line


def test_a_port_in_use_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, line = said(capsys, "demo", "--port", str(port), "--home", str(tmp_path))

    assert code == 2
    assert line == f"port {port} is in use on 127.0.0.1; give another with --port\n"


def test_a_wrong_setting_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text("[demo]\nspeeed = 3\n")

    code, line = said(capsys, "demo", "--home", str(tmp_path))

    assert code == 2
    assert "option 'demo.speeed' is not a known key; did you mean 'speed'?" in line


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    overview = capsys.readouterr().out

    for command in COMMANDS:
        assert f"  {command} " in overview
