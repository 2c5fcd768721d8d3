# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the overview of several accounts as a page and as a comment."""

from __future__ import annotations

import os
from typing import Any, Iterable, Mapping
from urllib.parse import quote

from .._text import one_line
from . import html_parts as page
from . import wording as words
from .effects import APPLIED, DRIFT, PLAN, category_effect
from .markdown import LIMIT, Section, code, size
from .overview import ERROR, STATUSES

MARKER = "<!-- softwareone.marketplace overview -->"
_MODES = {
    PLAN: "Plan, nothing was written",
    DRIFT: "Compared with the contact files, nothing was written",
    APPLIED: "Contact files applied",
}
_VERDICTS = {ERROR: "in error", "drift": "with differences"}
_HEADS = ("Status", "Account", "Result", "Report")
_MOST_CATEGORIES = 50


def markdown(overview: Mapping[str, Any], masked: bool) -> str:
    """The whole comment, always smaller than ``LIMIT``."""
    numbers = [f"| {status.capitalize()} | {count:,} |" for status, count in overview["counts"].items() if count]
    effects = [f"- {code(name)}: {effect}" for name, effect in _categories(overview)]
    left = len(effects) - _MOST_CATEGORIES
    if left > 0:
        effects[_MOST_CATEGORIES:] = [f"- ... and {left:,} more"]
    head = [
        MARKER,
        f"### {words.STATUS_SYMBOLS[overview['status']]} Marketplace contacts of {_headline(overview)}",
        "",
        _subline(overview),
        "",
        *["| Accounts | Number |", "|---|---:|", *(numbers or ["| Accounts | 0 |"])],
        *(["", *effects] if effects else []),
    ]
    start = "\n".join(head) + "\n\n"
    hidden = " E-mail addresses are masked, names are initials." if masked else ""
    foot = f"{code(overview['created_at'])}, {code(_version(overview))}.{hidden}\n"
    accounts = overview["accounts"]
    if not accounts:
        return start + foot
    columns = f"| {' | '.join(_HEADS)} |\n|---|---|---|---|\n"
    section = Section("Accounts", columns, (_markdown_row(line, overview["view"]) for line in accounts), len(accounts))
    return start + section.fill(LIMIT - size(start) - size(foot) - section.frame)[0] + foot


def _markdown_row(line: Mapping[str, Any], view: str) -> str:
    names = [f"**{code(line['host'])}**", *map(code, _names(line))]
    told = [code(text) for text in _told(line)]
    plan = _plan(line, view)
    told += [f"plan {code(plan)}"] if plan else []
    status = f"{words.STATUS_SYMBOLS[line['status']]} {line['status']}"
    links = [f"[{kind}]({target})" for kind, target in _links(line)]
    return f"| {status} | {'<br>'.join(names)} | {'<br>'.join(told)} | {' '.join(links)} |\n"


def html(overview: Mapping[str, Any], masked: bool) -> str:
    """The whole page."""
    counts, headline = overview["counts"], _headline(overview)
    tiles = "".join(
        page.tile(status, counts[status], words.STATUS_SYMBOLS[status], status, counts[status] > 0)
        for status in STATUSES
        if counts[status] or status in (ERROR, "clean")
    )
    facts = [
        ("Created", page.time(overview["created_at"])),
        ("Privacy", "addresses masked, names as initials" if masked else "full addresses and names"),
    ]
    rows = (_html_row(line, overview["view"]) for line in overview["accounts"])
    parts = [
        page.banner(overview["status"], headline, _subline(overview), facts),
        "<main>\n",
        page.totals(counts, tiles, _categories(overview)),
        *page.listing(
            "Accounts", "account, result", page.table("Accounts, worst first", _HEADS, rows, "results accounts")
        ),
        "</main>\n",
        f"<footer><p>{page.text(_version(overview))}, overview schema {overview['schema_version']}.</p></footer>\n",
    ]
    return "".join(page.whole(headline, overview["status"], "accounts", parts))


def _html_row(line: Mapping[str, Any], view: str) -> str:
    names = _names(line)
    known_by = f"<small>{page.bdi(words.SEPARATOR.join(names))}</small>" if names else ""
    told = "".join(f"<p><bdi>{page.lines(text)}</bdi></p>" for text in _told(line))
    plan = _plan(line, view)
    shown = f"<small>Plan <code>{page.text(plan)}</code></small>" if plan else ""
    links = " ".join(f'<a href="{page.text(target)}">{kind}</a>' for kind, target in _links(line))
    cells = f'<th scope="row">{page.bdi(line["host"])}{known_by}</th><td>{told}{shown}</td><td>{links}</td>'
    status = line["status"]
    return page.row(status, words.STATUS_SYMBOLS[status], status, cells)


def _headline(overview: Mapping[str, Any]) -> str:
    found = [f"{count:,} {_VERDICTS.get(status, status)}" for status, count in overview["counts"].items() if count]
    return f"{words.number_of(len(overview['accounts']), 'account')}: {', '.join(found) or 'nothing was looked at'}"


def _subline(overview: Mapping[str, Any]) -> str:
    live = sum(line["counts"]["live"] for line in overview["accounts"])
    count = words.number_of(overview["differences"], "difference")
    if overview["view"] == APPLIED:
        count = f"{words.number_of(overview['differences'], 'contact')} changed"
    return f"{_MODES[overview['view']]}: {words.number_of(live, 'live contact')}, {count}."


def _categories(overview: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Each category by its name, which others wrote, and what becomes of it in all accounts."""
    return [
        (
            count["category"],
            f"{category_effect(count, overview['view'])}, in {words.number_of(count['accounts'], 'account')}",
        )
        for count in overview["categories"]
    ]


def _plan(line: Mapping[str, Any], view: str) -> str | None:
    """The hash by which the plan of the account can be applied; nobody applies a comparison."""
    return None if view == DRIFT else line["plan_hash"]


def _names(line: Mapping[str, Any]) -> list[str]:
    """What else tells the account apart."""
    account = line["account"]
    host = [account["host"]] if account["host"] != line["host"] else []
    return [text for text in (*host, account["name"], account["id"], account["token"]) if text]


def _told(line: Mapping[str, Any]) -> list[str]:
    """What the run says of itself, without what is only the beginning of its message."""
    summary, message = line["summary"], line["message"]
    if message is None:
        return [summary] if summary else []
    fault = summary.partition(": ")[2] if summary.startswith("Error: ") else summary
    begins = " ".join(message.split()).startswith(one_line(fault, len(fault)).rstrip("."))
    return [message] if begins else [summary, message]


def _links(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Form and address of each report. Quoted, a path has neither a scheme nor what ends a link."""
    return [(os.path.splitext(path)[1][1:].lower(), quote(path, errors="replace")) for path in line["reports"]]


def _version(overview: Mapping[str, Any]) -> str:
    return f"{overview['collection']} {overview['collection_version']}"
