# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report as one page that needs nothing else, neither a network nor, to be read, JavaScript."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any, Iterable, Mapping, Sequence

from .._files.problems import what_and_advice
from .._text import made_visible
from . import wording as words
from .effects import FILES, outcome_label
from .faults import by_file
from .html_assets import SCRIPT, STYLE

_BAR_WIDTH = 1_000
_LEAST_SEGMENT = 12
_MARKS = {"o-failed": "\u2717", "o-created": "\u2713"}
_CHECK = "M12 20.5l5.5 5.5L28.5 14.5"
_ICONS = {
    "clean": _CHECK,
    "applied": _CHECK,
    "drift": "M12 17h16M12 23h16M24 11.5l-8 17",
    "error": "M14 14l12 12M26 14l-12 12",
}


def render(report: Mapping[str, Any], masked: bool) -> str:
    """The whole page."""
    account = words.account_of(report)
    title = f"{words.headline(report)} \u00b7 {account}"
    parts = [
        _head(title),
        f'<body data-status="{_text(report["status"])}">\n',
        f'<a class="skip" href="#contacts">Skip to the {"files" if report["view"] == FILES else "contacts"}</a>\n',
        _banner(report, account, masked),
        "<main>\n",
        _messages(report),
        _faults(report["faults"]),
        _totals(report),
        _contacts(report) if report["view"] != FILES else _files(report),
        _unmanaged(report["unmanaged"]),
        "</main>\n",
        _footer(report),
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n",
    ]
    return "".join(parts)


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
<title>{_text(title)}</title>
<style>{STYLE}</style>
</head>
"""


def _text(value: Any) -> str:
    """A text of others: escaped, with forging characters made visible."""
    return escape(made_visible(str(value)))


def _bdi(value: Any) -> str:
    """The same, kept from changing the direction of what stands around it."""
    return f"<bdi>{_text(value)}</bdi>"


def _email(email: str) -> str:
    """An address, which breaks before its at sign rather than anywhere."""
    return _bdi(email).replace("@", "<wbr>@")


def _banner(report: Mapping[str, Any], account: str, masked: bool) -> str:
    icon = f'<svg class="badge" viewBox="0 0 40 40" aria-hidden="true"><path d="{_ICONS[report["status"]]}"/></svg>'
    facts = [("Account", _bdi(account)), ("Created", _time(report["created_at"]))]
    if report["view"] != FILES:
        facts.append(("Requests", words.requests_line(report)))
    facts.append(("Duration", "{:.1f} s".format(report["duration_seconds"])))
    if report["plan_hash"]:
        facts.append(("Plan", f"<code>{_text(report['plan_hash'])}</code>"))
    facts.append(("Privacy", "addresses masked, names as initials" if masked else "full addresses and names"))
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f"""<header>
<p class="product">SoftwareOne Marketplace \u00b7 notification contacts</p>
<h1>{icon} {words.headline(report)}</h1>
<p class="mode">{words.subline(report)}</p>
<dl class="facts">{items}</dl>
</header>
"""


def _time(moment: str) -> str:
    shown = moment.replace("T", " ").replace("Z", " UTC")
    return f'<time datetime="{_text(moment)}">{_text(shown)}</time>'


def _messages(report: Mapping[str, Any]) -> str:
    boxes = []
    if report["message"] and not report["faults"]:
        level = "bad" if report["status"] == "error" else "note"
        boxes.append(f'<p class="box {level}">{_bdi(report["message"])}</p>\n')
    texts = report["warnings"]
    if texts:
        items = "".join(f"<li>{_bdi(text)}</li>" for text in texts)
        heading = words.number_of(len(texts), "warning")
        boxes.append(f'<section class="box warn"><h2>{heading}</h2><ul>{items}</ul></section>\n')
    return "".join(boxes)


def _faults(faults: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong in the files, a group of rows for each."""
    if not faults:
        return ""
    rows = []
    for file, found in by_file(faults).items():
        count = f"<small>{words.number_of(len(found), 'fault')}</small>"
        rows.append(f'<tr class="file"><th colspan="3" scope="rowgroup">{_bdi(file)}{count}</th></tr>\n')
        rows += map(_fault, found)
    heads = ("Line", "What is wrong", "What to do")
    return f"""<section aria-labelledby="faults"><div class="tools"><h2 id="faults">Faults
<span class="count">{len(faults):,}</span></h2></div>
{_table("Faults, by file", heads, rows, "faults")}</section>
"""


def _fault(fault: Mapping[str, Any]) -> str:
    what, advice = what_and_advice(fault["message"])
    field = f"<code>{_bdi(fault['field'])}</code> " if fault["field"] else ""
    cells = (str(fault["line"] or ""), field + _bdi(what), _bdi(advice) if advice else "")
    return "<tr>{}</tr>\n".format("".join(f"<td>{cell}</td>" for cell in cells))


def _files(report: Mapping[str, Any]) -> str:
    """The contact files that were checked."""
    faulty = by_file(report["faults"])
    marks = ((file, "o-failed" if file in faulty else "o-created") for file in report["files"])
    items = "".join(
        f'<li class="{mark}"><i aria-hidden="true">{_MARKS[mark]}</i> {_bdi(file)}'
        f"<small>{words.number_of(len(faulty.get(file, ())), 'fault')}</small></li>\n"
        for file, mark in marks
    )
    title = words.number_of(len(report["files"]), "file").capitalize()
    return f'<section id="contacts" class="files"><h2>{title} checked</h2><ul>\n{items}</ul></section>\n'


def _totals(report: Mapping[str, Any]) -> str:
    counts, view = report["counts"], report["view"]
    if not any(counts[outcome] for outcome in words.OUTCOMES) and not report["unmanaged"]:
        return ""
    listed = {row["outcome"] for row in report["results"]}
    tiles = "".join(
        f'<li><button type="button" class="tile o-{outcome}" data-outcome="{outcome}" aria-pressed="false" disabled'
        f"{'' if outcome in listed else ' data-empty'}>"
        f'<b>{counts[outcome]:,}</b><span><i aria-hidden="true">{words.symbol(outcome, view)}</i> '
        f"{outcome_label(outcome, view)}</span></button></li>\n"
        for outcome in words.OUTCOMES
        if counts[outcome] or outcome in ("created", "updated", "deleted", "unchanged")
    )
    if report["unmanaged"]:
        tiles += (
            f'<li><a class="tile" href="#unmanaged"><b>{counts["unmanaged"]:,}</b>'
            '<span><i aria-hidden="true">\u2193</i> in no file</span></a></li>\n'
        )
    return f"""<section class="totals" aria-labelledby="totals">
<h2 id="totals" class="hidden">Totals</h2>
{_bar(counts)}<ul class="tiles">
{tiles}</ul>
{_categories(report)}</section>
"""


def _categories(report: Mapping[str, Any]) -> str:
    lines = "".join(f"<li>{_bdi(name)}: {effect}</li>\n" for name, effect in words.category_lines(report))
    return f'<ul class="categories">\n{lines}</ul>\n' if lines else ""


def _bar(counts: Mapping[str, int]) -> str:
    """The shares as one bar. The widths are attributes, because the policy of the page allows no style attributes."""
    shares = [(outcome, counts[outcome]) for outcome in words.OUTCOMES if counts[outcome]]
    total = sum(count for _outcome, count in shares)
    at, segments = 0.0, []
    widths = [max(_BAR_WIDTH * count / total, _LEAST_SEGMENT) for _outcome, count in shares]
    scale = _BAR_WIDTH / sum(widths) if widths else 1.0
    for (outcome, _count), width in zip(shares, widths):
        segments.append(f'<rect class="o-{outcome}" x="{at:.1f}" y="0" width="{width * scale:.1f}" height="10"/>')
        at += width * scale
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR_WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(segments)}</svg>\n"
    )


def _contacts(report: Mapping[str, Any]) -> str:
    if not report["results"]:
        reached = report["status"] != "error"
        text = "Every contact is as declared." if reached else "The run ended before there were contacts to list."
        return f'<section id="contacts" class="empty"><h2>Contacts</h2><p>{text}</p></section>\n'
    groups = words.worst_first(report["results"])
    rows = (_row(row, report["view"]) for group in groups.values() for row in group)
    heads = ("Outcome", "Contact", "Difference", "Details")
    return f"""<section id="contacts" aria-labelledby="contacts-title">
<div class="tools"><h2 id="contacts-title">Contacts</h2>
<form id="filter" role="search" hidden><label for="q">Filter</label>
<input id="q" type="search" placeholder="address, name, id, reason" autocomplete="off" spellcheck="false">
<button id="reset" type="button">Show all</button> <output id="shown" for="q"></output></form></div>
{_table("Contacts, those that need attention first", heads, rows, "results")}</section>
"""


def _table(caption: str, heads: Iterable[str], rows: Iterable[str], name: str) -> str:
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        f'<table class="{name}"><caption class="hidden">{caption}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table>\n"
    )


def _row(row: Mapping[str, Any], view: str) -> str:
    outcome = row["outcome"]
    changes = "".join(_change(change) for change in words.changes_of(row, view))
    why = "".join(f"<p>{_bdi(text)}</p>" for text in words.why_of(row))
    notes = "".join(f"<li><span>{label}</span> {_bdi(text)}</li>" for label, text in words.notes_of(row))
    known_by = words.identity(row)
    return (
        f'<tr data-outcome="{outcome}"><td><span class="chip o-{outcome}"><i aria-hidden="true">'
        f"{words.symbol(outcome, view)}</i> {outcome_label(outcome, view)}</span></td>"
        f'<th scope="row">{_email(row["email"])}{f"<small>{_text(known_by)}</small>" if known_by else ""}</th>'
        f"<td>{f'<dl>{changes}</dl>' if changes else ''}{why}</td>"
        f"<td>{f'<ul>{notes}</ul>' if notes else ''}</td></tr>\n"
    )


def _change(change: words.Change) -> str:
    if change.effects:
        told = (f"<span>{effect} {', '.join(map(_value, values))}</span>" for effect, values in change.effects)
        return f"<div><dt>{_text(change.field)}</dt><dd>{' '.join(told)}</dd></div>"
    removed = [f'<del><span class="hidden">removed: </span>{_value(text)}</del>' for text in change.removed]
    added = [f'<ins><span class="hidden">added: </span>{_value(text)}</ins>' for text in change.added]
    if not change.is_list and removed:
        # The arrow stays with the new value where the two do not fit on one line.
        new = added[0] if added else "<em>none</em>"
        added = [f'<span class="new"><span class="to" aria-hidden="true">\u2192</span> {new}</span>']
    return f"<div><dt>{_text(change.field)}</dt><dd>{' '.join(removed + added) or '<em>none</em>'}</dd></div>"


def _value(text: str) -> str:
    return _bdi(text) if text else "<em>empty</em>"


def _unmanaged(rows: list[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    lines = (
        f'<tr><th scope="row">{_email(row["email"])}<small>{_text(row["id"])}</small></th>'
        f"<td>{_bdi(row['name'] or '')}</td><td>{_text(row['status'])}</td>"
        f"<td>{'linked' if row['linked'] else ''}</td></tr>\n"
        for row in rows
    )
    heads = ("Contact", "Name", "Status", "Platform user")
    return f"""<section aria-labelledby="unmanaged"><div class="tools"><h2 id="unmanaged">In no file
<span class="count">{len(rows):,}</span></h2></div>
{_table("Live contacts that are in no file", heads, lines, "unmanaged")}</section>
"""


def _footer(report: Mapping[str, Any]) -> str:
    writers = (
        " &#8220;Last written by&#8221; names the last writer of a contact, who need not be the one who made the "
        "difference."
    )
    hint = "" if report["view"] == FILES else writers
    return (
        f"<footer><p>{_text(report['collection'])} {_text(report['collection_version'])}, report schema "
        f"{_text(report['schema_version'])}.{hint}</p></footer>\n"
    )
