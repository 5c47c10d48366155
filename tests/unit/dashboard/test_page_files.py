"""The page's files: small, in two whole languages, without addresses of others."""

import gzip
import re
from pathlib import Path

import pytest

from dashboard.api.guard import HEADERS

ROOT = Path(__file__).parents[3]
WEB = ROOT / "dashboard" / "web"
STATIC = ROOT / "dashboard" / "static"
built = pytest.mark.skipif(not (STATIC / "index.html").is_file(), reason="the page is not built")
THREE_D = re.compile(r"^(stage|machine|part)-")


def keys_of(language: str) -> list[str]:
    """Return the keys of a language as paths, those of the student's pages after the rest."""
    return [*keys_in(f"{language}.ts"), *keys_in(f"more-{language}.ts")]


def keys_in(name: str) -> list[str]:
    """Return the keys of a catalogue as paths, in order."""
    text = (WEB / "src" / "lang" / name).read_text()
    text = text[text.index("export const") :]
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r'"(?:[^"\\]|\\.)*"(?=\s*:)', lambda key: key.group(0)[1:-1], text)
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    text = re.sub(r"\([^()]*\)\s*=>", "=>", text)
    while "${" in text:  # an expression within a template may hold another template
        text = re.sub(r"\$\{[^{}`]*(?:`[^`{}]*`[^{}`]*)*\}", "", text)
    text = re.sub(r"`[^`]*`", '""', text)
    keys: list[str] = []
    path: list[str] = []
    for token in re.finditer(r"([\w-]+)\s*:\s*(\{)?|(\{)|(\})", text[text.index("{") + 1 :]):
        name, opens, brace, closes = token.groups()
        if name:
            keys.append(".".join([*path, name]))
            if opens:
                path.append(name)
        elif brace:
            path.append("")
        elif closes and path:
            path.pop()
        elif closes:
            break
    return keys


def test_both_catalogues_have_every_text() -> None:
    english, dutch = keys_of("en"), keys_of("nl")

    assert len(english) > 200
    assert set(english) == set(dutch)
    assert len(english) == len(set(english))


def test_every_text_is_used() -> None:
    sources = "\n".join(
        path.read_text() for path in (WEB / "src").rglob("*") if path.suffix in (".ts", ".svelte")
        and path.parent.name != "lang"
    )  # fmt: skip
    routed = set(re.findall(r'title: "(\w+)"', sources))

    unused = [
        key for key in keys_of("en")
        if "." not in key and key not in routed and not re.search(rf"words\.{key}\b", sources)
    ]  # fmt: skip

    assert unused == []


@built
def test_the_first_load_is_at_most_60_kb_and_200_kb_with_3d() -> None:
    html = (STATIC / "index.html").read_text()
    first = {STATIC / name for name in re.findall(r'(?:src|href)="/([^"]+)"', html)}
    first |= {STATIC / "index.html", *(STATIC / "assets").glob("nl-*.js")}
    three = {path for path in (STATIC / "assets").glob("*.js") if THREE_D.match(path.name)}

    before_kb = sum(packed_kb(path) for path in first)
    all_kb = before_kb + sum(packed_kb(path) for path in three)

    assert len(three) == 3
    assert before_kb <= 60, before_kb
    assert all_kb <= 200, all_kb


def packed_kb(path: Path) -> float:
    return len(gzip.compress(path.read_bytes(), compresslevel=9)) / 1000


def test_the_content_security_policy_has_no_way_around() -> None:
    policy = HEADERS["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@built
def test_the_page_holds_no_inline_script_or_style() -> None:
    html = (STATIC / "index.html").read_text()

    assert "<style" not in html
    assert "style=" not in html
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []


def test_the_lock_file_names_no_download_address() -> None:
    lock = (WEB / "package-lock.json").read_text()

    assert "resolved" not in lock
    assert ".tgz" not in lock
