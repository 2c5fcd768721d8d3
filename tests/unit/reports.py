# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports to render: plain ones, and ones with everything that people can put into a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.softwareone.marketplace.plugins.module_utils._report import report_files
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.effects import category_counts

EVIL = "<script>document.title='x'</script>"
OUTCOMES = ("unchanged", "created", "updated", "blocked", "unblocked", "deleted", "failed", "unknown", "skipped")


def field(name: str, before: Any, after: Any) -> dict[str, Any]:
    return {"field": name, "before": before, "after": after, "label": None, "source": None}


def row(email: str, outcome: str, *fields: dict[str, Any], **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("index", "id", "label", "kept", "reason", "status", "trace_id", "source", "note", "last_written")
    )
    return {**empty, "email": email, "outcome": outcome, "actions": [], "fields": list(fields), **values}


def stray(email: str, **values: Any) -> dict[str, Any]:
    return {"id": "CTT-9-9", "email": email, "name": None, "status": "Active", "linked": False, "label": None, **values}


def report(*rows: dict[str, Any], **values: Any) -> dict[str, Any]:
    counts = dict.fromkeys(OUTCOMES, 0)
    for item in rows:
        counts[item["outcome"]] += 1
    counts.update(kept=0, live=212, desired=209, unmanaged=len(values.get("unmanaged", ())))
    counts.update(pending=0, drift=0, conflict=0)
    counts.update(values.pop("counts", {}))
    return {
        "schema_version": 2,
        "collection": "softwareone.marketplace",
        "collection_version": "0.1.0",
        "created_at": "2026-11-21T02:50:00Z",
        "api_url": "https://api.contoso.example/public/v1",
        "account": {"host": "contoso", "token": "TKN-1234-5678", "id": None, "name": None},
        "mode": "check",
        "view": "plan",
        "status": "drift",
        "message": None,
        "problems": [],
        "faults": [],
        "files": [],
        "warnings": [],
        "counts": counts,
        "categories": category_counts(rows),
        "coverage": [],
        "impact": [],
        "new_categories": [],
        "snapshot": None,
        "plan_hash": "7f3a90c1d2e4b5a69788",
        "results": list(rows),
        "unmanaged": [],
        "expired": [],
        "requests": {"GET": 9, "POST": 0, "PUT": 0, "DELETE": 0},
        "duration_seconds": 3.214,
        **values,
    }


def typical(**values: Any) -> dict[str, Any]:
    """A row of every outcome, worst last, and contacts that are in no file."""
    written = {"by": "Dana Reyes", "at": "2026-11-02T08:00:00Z", "writer": "somebody"}
    return report(
        row("same@contoso.example", "unchanged", id="CTT-1-0"),
        row("late@contoso.example", "skipped", index=8, reason="the run stopped"),
        row("new@contoso.example", "created", field("name", None, "New One"), index=2, source="prod.yml:4"),
        row("back@contoso.example", "unblocked", field("state", "blocked", "active"), id="CTT-1-1"),
        row(
            "ann@contoso.example",
            "updated",
            field("name", "Ann Exampel", "Ann Example"),
            field("opt_outs", ["Invoices", "Orders"], ["Orders", "Technical updates"]),
            id="CTT-1-2",
            last_written=written,
        ),
        row("desk@contoso.example", "blocked", field("blocked_reason", None, "closed"), id="CTT-1-3"),
        row("old@contoso.example", "deleted", id="CTT-1-4", note="in no file"),
        row("lost@contoso.example", "unknown", id="CTT-1-5", reason="The answer was lost."),
        row("bad@contoso.example", "failed", id="CTT-1-6", reason="Refused.", status=400, trace_id="00-4bf9"),
        **{"unmanaged": [stray("who@fabrikam.example", name="Who Knows", linked=True)], **values},
    )


def hostile(text: str = EVIL) -> dict[str, Any]:
    """``text`` wherever others can put one."""
    written = {"by": text, "at": text, "writer": "somebody"}
    values: dict[str, Any] = dict.fromkeys(("reason", "note", "trace_id", "source"), text)
    rows = [
        row(text, outcome, field("name", text, text + "2"), field(text, [text], [text + "3"]), id=text, **values)
        for outcome in ("updated", "failed", "skipped")
    ]
    for item in rows:
        item["last_written"] = written
    strays = [stray(text, id=text, name=text, status=text)]
    return report(*rows, unmanaged=strays, message=text, problems=[text], warnings=[text], plan_hash=text, api_url=text)


def faulty(text: str = EVIL) -> dict[str, Any]:
    """Of contact files alone, with ``text`` wherever others can put one."""
    faults = [
        {"file": text, "line": 3, "field": text, "message": text},
        {"file": text, "line": None, "field": "", "message": f"is wrong; {text}"},
        {"file": None, "line": None, "field": "contacts[2].email", "message": text},
    ]
    told = {"message": text, "problems": [text] * 3, "faults": faults, "files": [text, "sound.yml"]}
    return report(view="files", status="error", api_url=None, plan_hash=None, **told)


def many(count: int) -> dict[str, Any]:
    """``count`` differences, the few worst ones at the end."""
    rows = [
        row(
            f"person.{number:05}@contoso.example",
            "failed" if number >= count - 3 else "updated",
            field("name", f"Person {number}", f"Person {number} of Contoso"),
            id=f"CTT-1-{number:05}",
            index=number,
            source=f"contacts/base.yml:{number}",
        )
        for number in range(count)
    ]
    return report(*rows)


def rendered(made: Mapping[str, Any], kind: str, masked: bool) -> str:
    """The whole report, as it would be in its file."""
    return b"".join(report_files.render(made, kind, masked)).decode("utf-8")
