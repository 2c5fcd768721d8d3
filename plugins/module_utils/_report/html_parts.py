# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what all pages are made of; they need no network and, up to ``MOST_ROWS`` rows, no JavaScript."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from .._text import made_visible, one_line, visible
from .html_assets import SCRIPT, STYLE

# Of a list that is part of the page at once.
MOST_ROWS = 5_000
_BAR_WIDTH = 1_000
_LEAST_SEGMENT = 12
_LONGEST_TITLE = 200
_CHECK = "M12 20.5l5.5 5.5L28.5 14.5"
_ICONS = {
    "clean": _CHECK,
    "applied": _CHECK,
    "pending": "M12 20h15M20.5 13.5l7 6.5-7 6.5",
    "drift": "M12 17h16M12 23h16M24 11.5l-8 17",
    "error": "M14 14l12 12M26 14l-12 12",
}


def whole(title: str, status: str, skip_to: str, parts: Iterable[str]) -> Iterator[str]:
    """The whole page; its body is ``parts``."""
    yield (
        f'{_head(title)}<body data-status="{text(status)}">\n'
        f'<a class="skip" href="#{skip_to}">Skip to the {skip_to}</a>\n'
    )
    yield from parts
    yield f"<script>{SCRIPT}</script>\n</body>\n</html>\n"


def banner(status: str, headline: str, subline: str, facts: Iterable[tuple[str, str]]) -> str:
    """The head of the page as it is seen; the values of ``facts`` are HTML."""
    icon = f'<svg class="badge" viewBox="0 0 40 40" aria-hidden="true"><path d="{_ICONS[status]}"/></svg>'
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f"""<header>
<p class="product">SoftwareOne Marketplace \u00b7 notification contacts</p>
<h1>{icon} {headline}</h1>
<p class="mode">{subline}</p>
<dl class="facts">{items}</dl>
</header>
"""


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")


def _head(title: str) -> str:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(STYLE)}'; script-src 'sha256-{_digest(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{text(one_line(title, _LONGEST_TITLE))}</title>
<style>{STYLE}</style>
</head>
"""


def text(value: Any) -> str:
    """A text of others on one line: escaped, with forging characters made visible."""
    return escape(visible(str(value)))


def lines(value: Any) -> str:
    """The same for a text that may have several lines."""
    return escape(made_visible(str(value)))


def bdi(value: Any) -> str:
    """The same, kept from changing the direction of what stands around it."""
    return f"<bdi>{text(value)}</bdi>"


def time(moment: str) -> str:
    """A moment of ISO 8601 in UTC."""
    shown = moment.replace("T", " ").replace("Z", " UTC")
    return f'<time datetime="{text(moment)}">{text(shown)}</time>'


def tile(kind: str, count: int, symbol: str, label: str, is_listed: bool) -> str:
    """A number that filters the list by ``kind`` where that is listed."""
    return (
        f'<li><button type="button" class="tile o-{kind}" data-outcome="{kind}" aria-pressed="false" disabled'
        f"{'' if is_listed else ' data-empty'}>"
        f'<b>{count:,}</b><span><i aria-hidden="true">{symbol}</i> {label}</span></button></li>\n'
    )


def share_bar(counts: Mapping[str, int]) -> str:
    """The shares as one bar. The widths are attributes, because the policy of the page allows no style attributes."""
    shares = [(kind, count) for kind, count in counts.items() if count]
    total = sum(count for _kind, count in shares)
    at, segments = 0.0, []
    widths = [max(_BAR_WIDTH * count / total, _LEAST_SEGMENT) for _kind, count in shares]
    scale = _BAR_WIDTH / sum(widths) if widths else 1.0
    for (kind, _count), width in zip(shares, widths):
        segments.append(f'<rect class="o-{kind}" x="{at:.1f}" y="0" width="{width * scale:.1f}" height="10"/>')
        at += width * scale
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR_WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(segments)}</svg>\n"
    )


def totals(counts: Mapping[str, int], tiles: str, categories: Iterable[tuple[str, str]]) -> str:
    """The numbers as bar and tiles, and a line for each category: its name, and what becomes of it."""
    items = "".join(f"<li>{bdi(name)}: {effect}</li>\n" for name, effect in categories)
    listed = f'<ul class="categories">\n{items}</ul>\n' if items else ""
    return f"""<section class="totals" aria-labelledby="totals">
<h2 id="totals" class="hidden">Totals</h2>
{share_bar(counts)}<ul class="tiles">
{tiles}</ul>
{listed}</section>
"""


def listing(title: str, placeholder: str, list_of_rows: Iterable[str]) -> Iterator[str]:
    """The list that the page is about, with its filter."""
    name = title.lower()
    yield f"""<section id="{name}" aria-labelledby="{name}-title">
<div class="tools"><h2 id="{name}-title">{title}</h2>
<form id="filter" role="search" hidden><label for="q">Filter</label>
<input id="q" type="search" placeholder="{placeholder}" autocomplete="off" spellcheck="false">
<button id="reset" type="button">Show all</button> <output id="shown" for="q"></output></form></div>
"""
    yield from list_of_rows
    yield "</section>\n"


def row(kind: str, symbol: str, label: str, cells: str) -> str:
    """A row of the list, which begins with its kind."""
    return f'<tr data-outcome="{kind}"><td>{chip(kind, symbol, label)}</td>{cells}</tr>\n'


def chip(kind: str, symbol: str, label: str) -> str:
    return f'<span class="chip o-{kind}"><i aria-hidden="true">{symbol}</i> {label}</span>'


def table(caption: str, heads: Iterable[str], rows: Iterable[str], name: str) -> Iterator[str]:
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    yield (
        f'<table class="{name}"><caption class="hidden">{caption}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n"
    )
    yield from rows
    yield "</tbody></table>\n"


def group(
    kind: str, title: str, rows: Sequence[Any], row_of: Callable[[Any], str], frame: Iterable[str]
) -> Iterator[str]:
    """Rows that are only text until somebody opens them: that many elements would make any browser slow.

    :param title: HTML
    :param row_of: a row as HTML, on one line; with what others wrote escaped, nothing in it can end the script element
    :param frame: the table, without rows
    """
    yield (
        f'<details class="group" data-outcome="{kind}" data-count="{len(rows)}">\n'
        f'<summary>{title} <span class="count">{len(rows):,}</span></summary>\n<script type="text/html">\n'
    )
    yield from map(row_of, rows)
    yield "</script>\n"
    yield from frame
    yield '<button type="button" class="more" hidden></button>\n</details>\n'


GROUPS_HINT = (
    f'<noscript><p class="box note">These are more than {MOST_ROWS:,} rows: the page lists them with JavaScript only. '
    "The JSON report has them all, the Markdown report the worst.</p></noscript>\n"
)
