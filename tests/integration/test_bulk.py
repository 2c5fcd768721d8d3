# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sets from files, in playbooks that ansible-playbook runs; the simulator's store and journal are the judge."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary import Canary, canary, sinks
from tests.integration.lab import Account, Player, PlayRun, TaskRun

FILES = {
    "base/10-team.yml": """\
defaults: {opt_outs_mode: at_least}
profiles:
  finance: {opt_outs: [Orders]}
contacts:
  - {email: Ann@Contoso.example, name: Ann, profiles: [finance]}
  - {email: stays@contoso.example, name: Stays}
  - {email: back@contoso.example}
""",
    "base/20-desk.json": '{"contacts": [{"email": "desk@contoso.example", "state": "blocked", "reason": "closed"}]}',
    "base/30-more.csv": "email,name,opt_outs\nzoe@contoso.example,Zoë 山田,Invoices;Renewals\n",
    "prod/over.yml": """\
contacts:
  - {email: ann@contoso.example, name: Ann of Production}
  - {email: old@contoso.example, state: absent}
""",
    "prod/notes.txt": "This is no contact file: it has another ending.",
}


class Folder:
    """A playbook with one task, and files beside it."""

    def __init__(self, path: Path, account: Account, play: Player) -> None:
        self.path = path
        self.account = account
        self._play = play

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def apply(self, *arguments: str, keywords: Mapping[str, Any] | None = None, **how: Any) -> tuple[PlayRun, TaskRun]:
        """Run the task with those options of ``how`` that the player does not know."""
        for_player = ("env", "shipped", "code", "warns", "may_crash")
        given = {name: how.pop(name) for name in for_player if name in how}
        connection = {"api_url": "{{ simulator.api_url }}", "api_token": "{{ simulator.tokens.ops }}"}
        module = {"softwareone.marketplace.swo_contacts": {**connection, **how}}
        tasks = [{"name": "Apply", **module, **(keywords or {})}]
        playbook = self.path / "play.json"
        playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        run = self._play(str(playbook), *arguments, **given)
        return run, run["Apply"]


@pytest.fixture
def folder(tmp_path: Path, account: Account, play: Player) -> Folder:
    (tmp_path / "folder").mkdir()
    return Folder(tmp_path / "folder", account, play)


def facts(account: Account) -> dict[str, tuple[Any, ...]]:
    store = account.call("GET", "/store")
    names = {category["id"]: category["name"] for category in store["categories"]}
    return {
        item["email"].lower(): (item["name"], item["status"], sorted(names[each["id"]] for each in item["optOuts"]))
        for item in store["contacts"]
        if item["status"] != "Deleted"
    }


DIFF = """\
To delete (1)
- old@contoso.example (ID)
To unblock (1)
~ back@contoso.example (ID)
To update (1)
~ zoe@contoso.example (ID)
      name: Zoe -> Zoë 山田
      opts out of Invoices, Renewals
To create (2)
+ ann@contoso.example
      name: Ann of Production
      opts out of Orders
+ desk@contoso.example
      status: Blocked
Invoices: 1 more opted out
Orders: 1 more opted out; not opted out: 3 -> 4
Renewals: 1 more opted out
Product news, Security alerts, Statements, Technical updates: not opted out: 4 -> 5
Plan: 2 to create, 1 to update, 1 to unblock, 1 to delete; 1 unchanged; 1 in no file
"""


def test_predicted_then_done_then_nothing_left_then_undone(folder: Folder) -> None:
    account = folder.account
    folder.write(FILES)
    for members in (
        {"email": "stays@contoso.example", "name": "Stays"},
        {"email": "old@contoso.example", "name": "Old", "optOuts": ["NTC-0000-0001"]},
        {"email": "zoe@contoso.example", "name": "Zoe"},
        {"email": "back@contoso.example", "status": "Blocked"},
        {"email": "nobody@contoso.example"},
    ):
        account.put(**members)
    before = facts(account)
    how: dict[str, Any] = {
        "src": ["base", "prod"],
        "undo_file": "undo.yml",
        "reports": [f"report.{kind}" for kind in ("json", "md", "html", "xml")],
    }

    run, predicted = folder.apply("--check", "--diff", **how)
    assert predicted.writes == []
    assert not (folder.path / "undo.yml").exists()
    assert re.sub(r"\(CTT-[\d-]+\)", "(ID)", run.stdout).count(DIFF) == 1, run.stdout
    assert json.loads((folder.path / "report.json").read_text())["status"] == "drift"

    applied = folder.apply("--diff", **how, expect_plan=predicted.result["plan_hash"])[1]
    counts = {name: number for name, number in applied.result["counts"].items() if number}
    assert counts == {
        "live": 5, "desired": 6, "unmanaged": 1,
        "unchanged": 1, "created": 2, "updated": 1, "unblocked": 1, "deleted": 1,
    }  # fmt: skip
    assert sorted(write.split()[0] for write in applied.writes) == ["DELETE", "POST", "POST", "POST", "POST", "PUT"]
    # Deletions come last.
    assert applied.writes[-1].startswith("DELETE")
    assert facts(account) == {
        "ann@contoso.example": ("Ann of Production", "Active", ["Orders"]),
        "stays@contoso.example": ("Stays", "Active", []),
        "back@contoso.example": (None, "Active", []),
        "desk@contoso.example": (None, "Blocked", []),
        "zoe@contoso.example": ("Zoë 山田", "Active", ["Invoices", "Renewals"]),
        "nobody@contoso.example": (None, "Active", []),
    }
    told = {kind: (folder.path / f"report.{kind}").read_text() for kind in ("json", "md", "html", "xml")}
    assert json.loads(told["json"])["status"] == "applied"
    assert all("zoe" in text.lower() or "z***" in text for text in told.values())
    undo = (folder.path / "undo.yml").read_text()

    for arguments in ([], ["--check"]):
        repeated = folder.apply(*arguments, **how)[1]
        assert (repeated.result["changed"], repeated.writes) == (False, [])
    assert json.loads((folder.path / "report.json").read_text())["status"] == "clean"
    # A run that changes nothing leaves the way back of the one before.
    assert (folder.path / "undo.yml").read_text() == undo

    folder.apply(src=["undo.yml"])
    assert facts(account) == before


# Files that are wrong, and the line and the words that tell why.
BAD = {
    "01.yml": ("contacts:\n  - email: [\n", 3, ""),
    "02.yml": ("contacts:\n  - {email: a@c.example}\n  - {email: b@c.example, opt_out: [x]}\n", 3, "opt_outs"),
    "03.yml": ("contacts:\n  - {email: 'not an address'}\n", 2, "email"),
    "04.yml": ("contacts:\n  - email: c@c.example\n    state: gone\n", 3, "state"),
    "05.yml": ("contacts:\n  - email: d@c.example\n    opt_outs: {a: b}\n", 3, "opt_outs"),
    "06.yml": ("contacts:\n  - name: Nobody\n", 2, "email"),
    "07.yml": ("contacts:\n  - {email: e@c.example}\n\n  - {email: E@c.example}\n", 4, "twice|already|line 2"),
    "08.yml": ("contacts:\n  - {email: f@c.example, profiles: [nowhere]}\n", 2, "nowhere"),
    "09.yml": ("contacts:\n  - email: g@c.example\n    email: h@c.example\n", 3, "email"),
    "10.yml": ("contact:\n  - {email: i@c.example}\n", 1, "contacts"),
    "11.yml": ("- just\n- a list\n", 1, ""),
    "12.yml": ("contacts: &a\n  - *b\n", 2, ""),
    "13.json": ('{"contacts": [\n  {"email": "j@c.example"},\n]}', 3, ""),
    "14.json": ('{"contacts": [\n  {"email": "k@c.example", "name": 5}\n]}', 2, "name"),
    "15.json": ("", 1, ""),
    "16.csv": ("email,name\nl@c.example,L\nm@c.example,M,extra\n", 3, ""),
    "17.csv": ("mail,name\nn@c.example,N\n", 1, "mail"),
    "18.csv": ("email,state\no@c.example,present\np@c.example,dead\n", 3, "state"),
    "19.yml": (b"contacts:\n  - {email: q@c.example, name: \xff\xfe}\n", 2, ""),
    "20.yml": ("contacts:\n  - {email: r@c.example, opt_outs: [Orders], opt_ins: [Orders]}\n", 2, "(?i)Orders"),
}


@pytest.mark.parametrize("shipped", [False, True], ids=["in the worker", "shipped"])
def test_twenty_bad_files_are_twenty_lines(shipped: bool, folder: Folder) -> None:
    folder.write({f"bad/{name}": content for name, (content, line, words) in BAD.items()})

    run, task = folder.apply(src=["bad"], reports=["report.json"], code=2, shipped=shipped)

    assert task.sent == []
    problems = task.result["problems"]
    found = [re.match(r"(?:.*/)?(\d\d\.\w+):(\d+): (.*)", problem) for problem in problems]
    assert all(found), problems
    told = [(match[1], int(match[2])) for match in found if match]
    assert told == [(name, line) for name, (content, line, words) in BAD.items()], "\n".join(problems)
    wrong = [
        match[0] for match, (content, line, words) in zip(found, BAD.values(), strict=True)
        if match and not re.search(words, match[3])
    ]  # fmt: skip
    assert wrong == []
    assert all(problem.rpartition("/")[2] in run.stdout.replace("\\", "") for problem in problems[1:3])
    report = json.loads((folder.path / "report.json").read_text())
    assert (report["status"], report["problems"]) == ("error", problems)


REFUSED: Sequence[tuple[dict[str, Any], str]] = [
    ({"src": ["empty"], "unmanaged": "delete"}, "has no contact files"),
    ({"contacts": [], "unmanaged": "block"}, "state: absent"),
    ({"contacts": [{"email": "c1@contoso.example"}], "unmanaged": "delete"}, "max_removals"),
    ({"contacts": [{"email": "c1@contoso.example"}], "unmanaged": "delete", "max_removals": ["50%"]}, "max_removals"),
    ({"contacts": [{"email": "c1@contoso.example", "name": "C"}], "max_changes": ["0"]}, "max_changes"),
    ({"contacts": [{"email": "c1@contoso.example", "name": "C"}], "expect_plan": "0" * 64}, "another|not the plan"),
]
OPTIONS = sorted({name for options, words in REFUSED for name in options})


def test_refused_as_a_whole(folder: Folder) -> None:
    (folder.path / "empty").mkdir()
    for number in range(5):
        folder.account.put(email=f"c{number}@contoso.example")
    before = folder.account.contacts()
    tasks = [{**options, "check": check} for options, words in REFUSED for check in (False, True)]

    task = folder.apply(
        code=2,
        keywords={"loop": tasks, "check_mode": "{{ item.check }}"},
        **{name: f"{{{{ item.{name} | default(omit) }}}}" for name in OPTIONS},
    )[1]

    results = task.result["results"]
    for at, result in enumerate(results):
        assert re.search(REFUSED[at // 2][1], result["msg"]), result["msg"]
        assert (result["failed"], result["changed"]) == (True, False)
    assert len(results) == len(tasks)
    assert task.writes == []
    assert folder.account.contacts() == before


@pytest.mark.parametrize("shipped", [False, True], ids=["in the worker", "shipped"])
def test_no_piece_of_a_token_shows(shipped: bool, folder: Folder) -> None:
    """The server repeats the token wherever it can; neither files nor output have it."""
    account = folder.account
    token = account.tokens["ops"]
    account.put(email="known@contoso.example", name=f"Known {token}")
    account.put(email="gone@contoso.example", name=f"Gone {token}")
    account.put(email="stays@contoso.example", status="Blocked", blockedReason=f"Refused {token}")
    echo = (
        '{"title": "{authorization}", "detail": "{authorization}", "errors": {"{authorization}": ["{authorization}"]}}'
    )
    problem = {"status": 400, "body": echo, "content_type": "application/problem+json"}
    account.fail(problem, email="new@contoso.example", method="POST")
    people = ["known", "new", "stays"]
    secret = canary("set").token

    run, task = folder.apply(
        "--diff",
        "-vvv",
        contacts=[*({"email": f"{name}@contoso.example", "name": "N"} for name in people), {"email": secret}],
        reports=[f"report.{kind}" for kind in ("json", "md", "html", "xml")],
        undo_file="undo.yml",
        keywords={"vars": {"secret": secret}, "ignore_errors": True},
        shipped=shipped,
    )
    assert task.status == "failed"
    again, applied = folder.apply(
        "--diff",
        "-vvv",
        contacts=[{"email": f"{name}@contoso.example", "name": "N"} for name in people],
        reports=[f"report.{kind}" for kind in ("json", "md", "html", "xml")],
        undo_file="undo.yml",
        shipped=shipped,
        code=2,
        warns=["stays blocked"],
    )

    assert account.unfired() == []
    assert applied.writes != []
    written = {path.name: path.read_bytes() for path in folder.path.iterdir() if path.name != "play.json"}
    assert len(written) == 5
    for data in (sinks(run, account), sinks(again, account), written):
        for name, content in data.items():
            assert Canary(token).forms_in(content) == [], f"{name}: {Canary(token).excerpt(content)!r}"
