# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: a report as one page that needs no network and, up to ``MOST_ROWS`` rows, no JavaScript."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from .._files.problems import what_and_advice
from . import html_parts as page
from . import wording as words
from .effects import FILES, outcome_label, view_of
from .faults import by_file

_MARKS = {"o-failed": "\u2717", "o-created": "\u2713"}
_CAPTION = "Contacts, those that need attention first"
_HEADS = ("Outcome", "Contact", "Difference", "Details")
_UNMANAGED_HEADS = ("Contact", "Name", "Status", "Platform user")


def render(report: Mapping[str, Any], masked: bool) -> Iterator[str]:
    """The whole page, in pieces."""
    headline, subject = words.headline(report), "files" if report["view"] == FILES else "contacts"
    title = f"{headline} \u00b7 {words.account_of(report)}"
    return page.whole(title, report["status"], subject, _body(report, headline, masked))


def _body(report: Mapping[str, Any], headline: str, masked: bool) -> Iterator[str]:
    facts = [("Account", page.bdi(words.account_of(report))), ("Created", page.time(report["created_at"]))]
    if report["view"] != FILES:
        facts.append(("Requests", words.requests_line(report)))
    facts.append(("Duration", "{:.1f} s".format(report["duration_seconds"])))
    if report["plan_hash"]:
        facts.append(("Plan", f"<code>{page.text(report['plan_hash'])}</code>"))
    facts.append(("Privacy", "addresses masked, names as initials" if masked else "full addresses and names"))
    yield page.banner(report["status"], headline, "<br>".join([words.subline(report), *words.run_lines(report)]), facts)
    yield "<main>\n"
    yield _messages(report)
    yield from _faults(report["faults"])
    yield _totals(report)
    yield from _contacts(report) if report["view"] != FILES else _files(report)
    yield from _unmanaged(report["unmanaged"])
    yield "</main>\n"
    yield _footer(report)


def _email(email: str) -> str:
    """An address, which breaks before its at sign rather than anywhere."""
    return page.bdi(email).replace("@", "<wbr>@")


def _messages(report: Mapping[str, Any]) -> str:
    boxes = []
    if report["message"] and not report["faults"]:
        level = "bad" if report["status"] == "error" else "note"
        boxes.append(f'<p class="box {level}"><bdi>{page.lines(report["message"])}</bdi></p>\n')
    texts = report["warnings"]
    if texts:
        items = "".join(f"<li><bdi>{page.lines(text)}</bdi></li>" for text in texts)
        heading = words.number_of(len(texts), "warning")
        boxes.append(f'<section class="box warn"><h2>{heading}</h2><ul>{items}</ul></section>\n')
    return "".join(boxes)


def _faults(faults: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong in the files, a group of rows for each."""
    if not faults:
        return
    rows = []
    for file, found in by_file(faults).items():
        count = f"<small>{words.number_of(len(found), 'fault')}</small>"
        rows.append(f'<tr class="file"><th colspan="3" scope="rowgroup">{page.bdi(file)}{count}</th></tr>\n')
        rows += map(_fault, found)
    heads = ("Line", "What is wrong", "What to do")
    yield _section("faults", "Faults", len(faults))
    yield from page.table("Faults, by file", heads, rows, "faults")
    yield "</section>\n"


def _section(name: str, title: str, count: int) -> str:
    return f"""<section aria-labelledby="{name}"><div class="tools"><h2 id="{name}">{title}
<span class="count">{count:,}</span></h2></div>
"""


def _fault(fault: Mapping[str, Any]) -> str:
    what, advice = what_and_advice(fault["message"])
    field = f"<code>{page.bdi(fault['field'])}</code> " if fault["field"] else ""
    cells = (str(fault["line"] or ""), field + page.bdi(what), page.bdi(advice) if advice else "")
    return "<tr>{}</tr>\n".format("".join(f"<td>{cell}</td>" for cell in cells))


def _files(report: Mapping[str, Any]) -> Iterator[str]:
    """The contact files that were checked."""
    faulty = by_file(report["faults"])
    marks = ((file, "o-failed" if file in faulty else "o-created") for file in report["files"])
    items = "".join(
        f'<li class="{mark}"><i aria-hidden="true">{_MARKS[mark]}</i> {page.bdi(file)}'
        f"<small>{words.number_of(len(faulty.get(file, ())), 'fault')}</small></li>\n"
        for file, mark in marks
    )
    title = words.number_of(len(report["files"]), "file").capitalize()
    yield f'<section id="files" class="files"><h2>{title} checked</h2><ul>\n{items}</ul></section>\n'


def _totals(report: Mapping[str, Any]) -> str:
    counts, view = words.tally(report), report["view"]
    if not any(counts.values()) and not report["unmanaged"]:
        return ""
    listed = {words.kind_of(row, view) for row in report["results"]}
    tiles = "".join(
        page.tile(kind, count, words.symbol(kind, view), words.kind_label(kind, view), kind in listed)
        for kind, count in counts.items()
        if count or kind in ("created", "updated", "deleted", "unchanged")
    )
    if report["unmanaged"]:
        tiles += (
            f'<li><a class="tile" href="#unmanaged"><b>{report["counts"]["unmanaged"]:,}</b>'
            '<span><i aria-hidden="true">\u2193</i> in no file</span></a></li>\n'
        )
    return page.totals(counts, tiles, words.category_lines(report))


def _contacts(report: Mapping[str, Any]) -> Iterator[str]:
    if not report["results"]:
        reached = report["status"] != "error"
        text = "Every contact is as desired." if reached else "The run ended before there were contacts to list."
        yield f'<section id="contacts" class="empty"><h2>Contacts</h2><p>{text}</p></section>\n'
        return
    is_large = len(report["results"]) > page.MOST_ROWS
    listed = _groups(report) if is_large else page.table(_CAPTION, _HEADS, _rows(report), "results")
    yield from page.listing("Contacts", "address, name, id, reason", listed)


def _rows(report: Mapping[str, Any]) -> Iterator[str]:
    for rows in words.worst_first(report["results"]).values():
        yield from (_row(row, report["view"]) for row in rows)


def _groups(report: Mapping[str, Any]) -> Iterator[str]:
    view = report["view"]
    yield page.GROUPS_HINT
    for outcome, rows in words.worst_first(report["results"]).items():
        title = page.chip(outcome, words.symbol(outcome, view), outcome_label(outcome, view))
        frame = page.table(f"Contacts: {outcome_label(outcome, view)}", _HEADS, (), "results")
        yield from page.group(outcome, title, rows, lambda row: _row(row, view), frame)


def _row(row: Mapping[str, Any], view: str) -> str:
    outcome, kind = row["outcome"], words.kind_of(row, view)
    view = view_of(row["label"], view)
    changes = "".join(_change(change) for change in words.changes_of(row, view))
    why = "".join(f"<p>{page.bdi(text)}</p>" for text in words.why_of(row))
    notes = "".join(f"<li><span>{label}</span> {page.bdi(text)}</li>" for label, text in words.notes_of(row))
    known_by = words.identity(row)
    cells = (
        f'<th scope="row">{_email(row["email"])}{f"<small>{page.text(known_by)}</small>" if known_by else ""}</th>'
        f"<td>{f'<dl>{changes}</dl>' if changes else ''}{why}</td>"
        f"<td>{f'<ul>{notes}</ul>' if notes else ''}</td>"
    )
    return page.row(kind, words.symbol(outcome, view), outcome_label(outcome, view), cells)


def _change(change: words.Change) -> str:
    if change.effects:
        told = (f"<span><i>{effect}</i> {', '.join(map(_value, values))}</span>" for effect, values in change.effects)
        return f"<div><dt>{page.text(change.field)}</dt><dd>{' '.join(told)}</dd></div>"
    removed = [f'<del><span class="hidden">removed: </span>{_value(text)}</del>' for text in change.removed]
    added = [f'<ins><span class="hidden">added: </span>{_value(text)}</ins>' for text in change.added]
    if not change.is_list and removed:
        # The arrow stays with the new value where the two do not fit on one line.
        new = added[0] if added else "<em>none</em>"
        added = [f'<span class="new"><span class="to" aria-hidden="true">\u2192</span> {new}</span>']
    return f"<div><dt>{page.text(change.field)}</dt><dd>{' '.join(removed + added) or '<em>none</em>'}</dd></div>"


def _value(text: str) -> str:
    return page.bdi(text) if text else "<em>empty</em>"


def _unmanaged(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        return
    is_large = len(rows) > page.MOST_ROWS
    lines = () if is_large else map(_unmanaged_row, rows)
    table = page.table("Live contacts that are in no file", _UNMANAGED_HEADS, lines, "unmanaged")
    yield _section("unmanaged", "In no file", len(rows))
    if is_large:
        yield page.GROUPS_HINT
        yield from page.group("unmanaged", "Live contacts that are in no file", rows, _unmanaged_row, table)
    else:
        yield from table
    yield "</section>\n"


def _unmanaged_row(row: Mapping[str, Any]) -> str:
    return (
        f'<tr><th scope="row">{_email(row["email"])}<small>{page.text(row["id"])}</small></th>'
        f"<td>{page.bdi(row['name'] or '')}</td><td>{page.text(row['status'])}{_past(row)}</td>"
        f"<td>{'linked' if row['linked'] else ''}</td></tr>\n"
    )


def _past(row: Mapping[str, Any]) -> str:
    past = words.PASTS.get(row["label"])
    return f"<small>{past}</small>" if past else ""


def _footer(report: Mapping[str, Any]) -> str:
    writers = (
        " &#8220;Last written by&#8221; names the last writer of a contact, who need not be the one who made the "
        "difference."
    )
    hint = "" if report["view"] == FILES else writers
    return (
        f"<footer><p>{page.text(report['collection'])} {page.text(report['collection_version'])}, report schema "
        f"{page.text(report['schema_version'])}.{hint}</p></footer>\n"
    )
