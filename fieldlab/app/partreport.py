"""What was verified of a part, as one page for people: picture, sizes, checks. Pure."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape

from fieldlab.core.messages import Part, Verification
from partgen.compose import make
from partgen.export import from_stl
from partgen.picture import picture, to_png

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#18222f}table{border-collapse:collapse;width:100%}th,td{text-align:left;"
    "padding:.2rem .6rem;border-bottom:1px solid #d8dde3;overflow-wrap:anywhere}"
    ".bad{color:#b3261e;font-weight:700}img{max-width:100%}"
)


def report(part: Part, found: Verification) -> str:
    """Return the page as HTML that stands alone; the same part gives the same page."""
    order = part.order
    title = f"{order.family} in {order.material}" + (f", {order.mark}" if order.mark else "")
    verdict = "passed" if found.ok else "did not pass"
    bad = "" if found.ok else ' class="bad"'
    drawn = b64encode(to_png(picture(from_stl(part.stl), wide_px=360, high_px=270))).decode()
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in _checks(found))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f"<p{bad}>It {verdict} its verification ({found.level}).</p>"
        f'<img alt="{escape(title)}" src="data:image/png;base64,{drawn}">'
        f"<h2>Sizes</h2>{_table(_sizes(part))}<h2>Checks</h2>"
        f"<table><tr><th>check<th>found<th>wanted</tr>{_lines(found, rows)}</table>"
        f"<p><code>{escape(found.sha256)}</code></p></html>\n"
    )


def _checks(found: Verification) -> Iterator[tuple[str, str, str]]:
    for each in found.checks:
        mark = "✓" if each.ok else "✕"
        yield f"{mark} {each.name.replace('_', ' ')}", each.found, each.wanted


def _lines(found: Verification, rows: Iterator[str]) -> str:
    return "".join(
        f"<tr>{row}</tr>" if each.ok else f'<tr class="bad">{row}</tr>'
        for each, row in zip(found.checks, rows, strict=True)
    )


def _sizes(part: Part) -> Mapping[str, str]:
    made = make(part.order.family, part.order.sizes)
    units = {info.name: "" if info.unit == "1" else f" {info.unit}" for info in type(made).sizes()}
    return {name: f"{getattr(made, name):g}{unit}" for name, unit in units.items()}


def _table(pairs: Mapping[str, str]) -> str:
    cells = (f"<tr><td>{escape(key)}<td>{escape(text)}</tr>" for key, text in pairs.items())
    return f"<table>{''.join(cells)}</table>"
