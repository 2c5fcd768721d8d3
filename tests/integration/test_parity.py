# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task gives the same result, and sends the same requests, in Ansible's own process and in one of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lab import Account, Player, PlayRun, TaskRun, _other_name_of_python

FILES = {
    "base/sales.yml": "contacts:\n  - {email: sales@contoso.example, name: Sales}\n",
    "base/desk.json": '{"contacts": [{"email": "desk@contoso.example", "opt_outs": ["Invoices"]}]}\n',
    "prod.csv": "email,name\nsales@contoso.example,Sales of Contoso\n",
    "faulty.yml": "contacts:\n  - {email: sales@, nam: Sales}\n  - {email: desk@contoso.example, state: gone}\n",
}


@dataclass(frozen=True)
class Case:
    """One task. ``keywords`` are those of the task beside the module."""

    module: str
    args: Mapping[str, Any] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)


def contact(**args: Any) -> Case:
    return Case("swo_contact", args)


def contacts(**args: Any) -> Case:
    # One at a time: the order of creation decides on the ids.
    return Case("swo_contacts", {"concurrency": 1, **args})


def contact_info(**args: Any) -> Case:
    return Case("swo_contact_info", args)


def category_info(**args: Any) -> Case:
    return Case("swo_category_info", args)


def with_keywords(case: Case, **keywords: Any) -> Case:
    return Case(case.module, case.args, keywords)


def checked(case: Case) -> Case:
    return with_keywords(case, check_mode=True)


ANN = {"email": "ann@contoso.example", "name": "Ann", "opt_outs": ["Invoices"]}
SET = {"contacts": [{"email": "eve@contoso.example", "opt_outs": "Orders"}, {"email": "bo@contoso.example"}]}

GOOD = {
    "create in check mode": checked(contact(**ANN)),
    "create": contact(**ANN),
    "nothing to do": contact(**ANN),
    "name that is a number": contact(email="ann@contoso.example", name=4711),
    "opt-outs as text": contact(email="ann@contoso.example", opt_outs="Invoices,Orders"),
    "no opt-outs as empty text": contact(email="ann@contoso.example", opt_outs=""),
    "empty name": contact(email=" ANN@contoso.example ", name=""),
    "block that stays": contact(email="bounce@contoso.example"),
    "name with half a character": contact(email="half@contoso.example", name="Whole"),
    "name with half a character, looked up": contact_info(email_like="other-half@*", audit=True),
    "set with half a character": contacts(contacts=[{"email": "other-half@contoso.example", "name": "Whole"}]),
    "name that is a template": contact_info(email="template@contoso.example"),
    "flags as texts": category_info(opt_out_allowed="yes", validate_certs="no", api_timeout="20"),
    "search": contact_info(status="blocked", order="-id", limit="5", audit="true"),
    "delete": contact(email="ann@contoso.example", state="absent"),
    "set in check mode": checked(contacts(**SET)),
    "set": contacts(**SET),
    "set again": contacts(**SET, return_unchanged="yes"),
    "set with a member that is bad": contacts(
        contacts=[{"email": "kim@contoso.example"}, {"email": "bad@contoso.example", "opt_outs": ["Invoces"]}]
    ),
    "files": contacts(
        src=["base", "prod.csv"], unmanaged="ignore", reports="out/one.json,out/two.md", undo_file="out/undo.yml"
    ),
    "files as text": checked(contacts(src="base,prod.csv", max_removals=5, max_changes="50%")),
    "files with faults": contacts(src=["faulty.yml"], reports=["out/three.html"]),
    "files that do not exist": contacts(src=["nowhere"]),
    "home": contacts(src=["~/none.yml"], undo_file="$HOME/undo.yml"),
    "removal": checked(
        contacts(**SET, unmanaged="block", max_removals=["100%"], scope={"exclude": "sales@*"}, concurrency="2")
    ),
    "removal over its limit": contacts(**SET, unmanaged="delete", max_removals=["0"]),
    "no set and removal": contacts(contacts=[], unmanaged="delete"),
    "nothing to be seen": with_keywords(contact(email="ann@contoso.example", state="blocked"), no_log=True),
    "loop": with_keywords(contact(email="{{ item }}@contoso.example"), loop=["l1", "l2", "l3", "l "]),
    "another host": with_keywords(contacts(src=["prod.csv"]), delegate_to="localhost"),
    "defaults of the task": with_keywords(
        contact_info(), module_defaults={"softwareone.marketplace.swo_contact_info": {"limit": 1, "order": "-id"}}
    ),
    "several tries": with_keywords(contact_info(limit=0), retries=1, delay=0, until="false"),
    "judged by the task": with_keywords(category_info(), failed_when="true", changed_when="true"),
}

BAD = {
    "no argument": contact(),
    "neither of two required": contacts(unmanaged="ignore"),
    "wrong choice": contact(email="ann@contoso.example", state="enabled"),
    "wrong choice of a member": contacts(contacts=[{"email": "ann@contoso.example", "state": "gone"}]),
    "unsupported": contact(email="ann@contoso.example", opt_out=["Invoices"], nam="Ann"),
    "unsupported of a member": contacts(contacts=[{"email": "ann@contoso.example", "nam": "Ann"}]),
    "unsupported of a scope": contacts(contacts=[], scope={"emials": ["*"]}),
    "number that is none": contact(email="ann@contoso.example", api_timeout="soon"),
    "number with a fraction": contacts(contacts=[], concurrency=1.5),
    "number out of range": contacts(contacts=[], concurrency=65),
    "flag that is none": category_info(opt_out_allowed="perhaps"),
    "list that is none": contacts(contacts="ann@contoso.example"),
    "list of texts": contacts(contacts=["ann@contoso.example"]),
    "text for a dictionary": contacts(contacts=[], scope="*"),
    "dictionary for a text": contact(email={"ann": 1}),
    "list for a text": contact(email="ann@contoso.example", name=["Ann"]),
    "two that exclude each other": contact_info(id="CTT-0000-0001", email="ann@contoso.example"),
    "three faults": contact_info(id="CTT-0000-0001", rql="eq(id,1)", limit="few", status="dead", x=1),
    "empty texts": contact(email="", id="", name=""),
    "null": contact(email=None, name=None),
    "empty choice": contact(email="ann@contoso.example", state=""),
    "empty number": contact(email="ann@contoso.example", api_timeout=""),
    "report without a form": contacts(contacts=[], reports=["report.pdf"]),
    "report in no folder": contacts(contacts=[], reports=["/dev/null/report.json"]),
    "token that is a list": category_info(api_token=["secret-of-a-list"], ca_path="/secret-of-a-list"),
    "token that is a dictionary": category_info(api_token={"token": "secret-of-a-dict"}, name="secret-of-a-dict"),
    "token that is a number": category_info(api_token=12345678, name="x12345678x"),
    "token that is short": contact(api_token="abc", email="abc@contoso.example", name="abc"),
    "token that is empty": contact(api_token="", email="ann@contoso.example"),
    "token that is null": contact(api_token=None, email="ann@contoso.example"),
    "token in other options": contact_info(api_token="idt:TKN:hidden-one", name="hidden-one", rql="idt:TKN:hidden-one"),
    "token as a name": contact(api_token="token-of-nobody", email="token-of-nobody", name="token-of-nobody"),
}  # fmt: skip


# The three that ansible-core could not mask are refused before; a loop has four items, a repeated task two tries.
SHIPPED = {len(GOOD): len(GOOD) + 3 + 1, len(BAD): len(BAD) - 3}


@dataclass
class Workshop:
    """A folder with contact files, in which plays are written and run."""

    folder: Path
    account: Account
    play: Player

    def run(
        self, tasks: list[dict[str, Any]], *arguments: str, defaults: bool = True, faults: Any = (), **how: Any
    ) -> PlayRun:
        """Run the tasks as a play, on an account and a folder that are as they were before every run."""
        self.account.reset(contacts=9)
        self.account.put(email="bounce@contoso.example", status="Blocked", blockedReason="550 mailbox not found")
        self.account.put(email="half@contoso.example", name="half \ud83d")
        self.account.put(email="other-half@contoso.example", name="half \ud83d")
        self.account.put(email="template@contoso.example", name="{{ 1 + 1 }}")
        if faults:
            self.account.call("POST", "/faults", faults)
        out = self.folder / "out"
        out.mkdir(exist_ok=True)
        for left in out.iterdir():
            left.unlink()
        connection = {"api_url": "{{ simulator.api_url }}", "api_token": "{{ simulator.tokens.ops }}"}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
        if defaults:
            play["module_defaults"] = {"group/softwareone.marketplace.all": connection}
        playbook = self.folder / "play.json"
        playbook.write_text(json.dumps([play]))
        environment = {"ANSIBLE_PIPELINING": "true", "PYTHONHASHSEED": "0", **how.pop("env", {})}
        return self.play(str(playbook), *arguments, env=environment, **how)

    def kept(self) -> dict[str, str]:
        """The reports and undo files that a run left, without their times."""
        return {path.name: timeless(path.read_text()) for path in sorted((self.folder / "out").iterdir())}


@pytest.fixture
def workshop(account: Account, play: Player, tmp_path: Path) -> Workshop:
    folder = tmp_path / "workshop"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Workshop(folder, account, play)


def tasks_of(cases: Mapping[str, Case], **keywords: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            f"softwareone.marketplace.{case.module}": dict(case.args),
            "ignore_errors": True,
            **keywords,
            **case.keywords,
        }
        for name, case in cases.items()
    ]


def timeless(text: str) -> str:
    text = re.sub(r"/run\d+/left/", "/left/", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00|( UTC))?", "TIME", text)
    return re.sub(r'("duration_seconds": |DELETE \d+, |time="|[Dd]uration[^0-9]{1,40}|\bin )[\d.]+', r"\1N", text)


def comparable(task: TaskRun) -> dict[str, Any]:
    """What a user can see of a task, and what it sent; not the bookkeeping of ansible-core."""
    result = {key: value for key, value in task.result.items() if not key.startswith(("_ansible_", "ansible_facts"))}
    sent = sorted((entry["method"], entry["target"], str(entry["body"])) for entry in task.sent)
    return json.loads(timeless(json.dumps({**result, "how it ended": task.status, "what it sent": sent}, default=str)))


def assert_same(here: PlayRun, shipped: PlayRun) -> None:
    assert [task.name for task in here.tasks] == [task.name for task in shipped.tasks]
    pairs = {
        task.name: (comparable(task), comparable(other)) for task, other in zip(here.tasks, shipped.tasks, strict=True)
    }
    differences = [
        f"{name}: {key}: {one.get(key)} | {other.get(key)}"
        for name, (one, other) in pairs.items()
        for key in {**one, **other}
        if one.get(key, "missing") != other.get(key, "missing")
    ]
    assert not differences, "\n".join(differences)


def shipped_in(run: PlayRun) -> int:
    """How many modules were handed to a process of their own; needs -vvv."""
    return len(re.findall(r"^Using module file .+/plugins/modules/swo_", run.stdout, re.MULTILINE))


@pytest.mark.parametrize("cases", [GOOD, BAD], ids=["good", "bad"])
def test_the_same_result_either_way(cases: dict[str, Case], workshop: Workshop) -> None:
    tasks = tasks_of(cases)
    warns = ["stays blocked"] if "block that stays" in cases else []

    here = workshop.run(tasks, "--diff", "-vvv", warns=warns)
    files_here = workshop.kept()
    shipped = workshop.run(tasks, "--diff", "-vvv", warns=warns, shipped=True)

    assert (shipped_in(here), shipped_in(shipped)) == (0, SHIPPED[len(cases)])
    assert_same(here, shipped)
    assert workshop.kept() == files_here
    assert list(files_here) == (["one.json", "three.html", "two.md", "undo.yml"] if cases is GOOD else [])
    if cases is BAD:
        # Ansible makes a text of anything.
        assert [task.name for task in here.tasks if task.status != "failed"] == ["list for a text"]


def test_the_same_environment(workshop: Workshop) -> None:
    environment = {
        "SWO_API_URL": " ",
        "MPT_API_BASE_URL": workshop.account.api_url,
        "SWO_API_TOKEN": "",
        "MPT_API_TOKEN": workshop.account.tokens["ops"],
        "SWO_API_TIMEOUT": "soon",
        "SWO_VALIDATE_CERTS": "no",
        "SWO_CA_PATH": "~/ca.pem",
    }
    cases = {
        "bad number": category_info(),
        "good number": category_info(api_timeout=7),
        "empty number": contact(email="ann@contoso.example", api_timeout=""),
        "bad file": category_info(api_timeout=7, validate_certs=True),
        "other token": category_info(api_timeout=7, api_token="wrong-wrong-wrong"),
        "bad set": contacts(contacts="x"),
        "set": contacts(**SET, api_timeout=7, scope={"emails": "*@contoso.example"}),
    }

    runs = [
        workshop.run(tasks_of(cases), "-vvv", env=environment, defaults=False, shipped=shipped)
        for shipped in (False, True)
    ]

    assert_same(*runs)
    assert [task.name for task in runs[0].tasks if task.status == "ok"] == ["good number", "set"]
    assert all(workshop.account.tokens["ops"] not in run.printed for run in runs)


# Of jobs.
BOOKKEEPING = {
    "ansible_job_id",
    "finished",
    "started",
    "results_file",
    "stdout",
    "stderr",
    "stdout_lines",
    "stderr_lines",
}


def test_whatever_needs_a_process_gets_one(workshop: Workshop) -> None:
    """And ends with the result of a task that needs none."""
    other = {"ansible_python_interpreter": _other_name_of_python()}
    known = [{"email": "template@contoso.example"}]
    ways: dict[str, dict[str, Any]] = {
        "nothing": {},
        "environment": {"environment": {"X": "y"}},
        "job": {"async": 60, "poll": 1},
        "interpreter": {"vars": other},
        "automatic interpreter": {"vars": {"ansible_python_interpreter": "auto_silent"}},
        "own interpreter": {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
        "delegated": {"delegate_to": "127.0.0.1", "vars": {"ansible_connection": "local"}},
    }
    if shutil.which("sudo") and os.getuid() == 0:
        ways["somebody else"] = {"become": True, "become_user": "root"}
    tasks = [
        {"name": way, "softwareone.marketplace.swo_contacts": {"contacts": known, "return_unchanged": True}, **keywords}
        for way, keywords in ways.items()
    ]

    run = workshop.run(tasks, "-vvv")

    assert shipped_in(run) == len({"environment", "job", "interpreter", "somebody else"} & set(ways))
    results = {task.name: comparable(task) for task in run.tasks}
    for name, result in results.items():
        left = {key: value for key, value in result.items() if key not in BOOKKEEPING}
        assert left == results["nothing"], name


@pytest.mark.parametrize("shipped", [False, True], ids=["in the worker", "shipped"])
def test_nothing_is_written_after_a_timeout(shipped: bool, workshop: Workshop) -> None:
    """The first item meets a server that hangs, and then one that is slow; the second one has the same worker."""
    account = workshop.account
    people = {
        "slow": [{"email": f"slow{number}@contoso.example", "opt_outs": ["Orders"]} for number in range(200)],
        "quick": [{"email": f"quick{number}@contoso.example"} for number in range(20)],
    }
    task = {
        "name": "Apply",
        "softwareone.marketplace.swo_contacts": {"contacts": "{{ item }}", "concurrency": 4, "reports": ["out/r.json"]},
        "timeout": 600,
        "loop": list(people.values()),
        "ignore_errors": True,
    }
    hanging = {"when": {"method": "POST", "nth": 3}, "do": {"hang": True}, "name": "hang"}
    slow = [{"when": {"method": "POST", "email": person["email"]}, "do": {"delay": 0.5}} for person in people["slow"]]

    def let_time_run_out(playbook: int) -> None:
        """Send the worker what the clock would, once it has written something, however slow this machine is."""
        deadline = time.monotonic() + 120
        while sum(entry["method"] == "POST" for entry in account.journal()) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        (worker,) = (int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == playbook)
        os.kill(worker, signal.SIGALRM)

    run = workshop.run([task], shipped=shipped, faults=[hanging, *slow], meanwhile=let_time_run_out)

    first, second = run["Apply"].result["results"]
    assert re.search("imed out|in the expected time frame", first["msg"])
    assert (second.get("failed", False), second["counts"]["created"]) == (False, 20)
    written = [entry["body"] for entry in account.journal() if entry["method"] == "POST"]
    assert 4 <= sum("slow" in str(body) for body in written) < 200
    time.sleep(1)
    assert [entry["body"] for entry in account.journal() if entry["method"] == "POST"] == written
    last = max(at for at, body in enumerate(written) if "slow" in str(body))
    first_quick = min(at for at, body in enumerate(written) if "quick" in str(body))
    assert last < first_quick
