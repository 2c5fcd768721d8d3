# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever breaks a drift check, it ends red, and neither its report nor one of an earlier run says clean."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.integration.lab import Account
from tests.integration.workplace import Workplace, end
from tests.simulator.core import Simulator
from tests.simulator.threaded import serving
from tests.tools.devtree import ROOT

SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
WRONG = "idt:TKN-0000-0000:nobodyhasthistokenatallnobodyhasthisone1"

# By host: what its message says. The variables of each are below.
BREAKS = {
    "no_token": "has no swo_api_token of its own",
    "undefined_token": "vault_of_nobody",
    "http_401": "401",
    "server_down": "No connection to",
    "dns": "cannot be resolved",
    "tls": "TLS handshake",
    "html": "JSON",
    "truncated": "did not fit together",
    "invalid_yaml": "contacts.yml:",
    "empty_folder": "has no contact files",
    "mistyped_entry": "opt_out",
    "mistyped_scope": "emials",
    "wrong_choice": "swo_contacts_unmanaged must be one of: report, ignore, drift, block, retire, delete",
    "undefined_scope": "scope_of_nobody",
    "undefined_src": "files_of_nobody",
    "no_src": "swo_contacts_src is not set.",
    "another_ending": "report.pdf",
}


@pytest.fixture
def checkout(account: Account, tmp_path: Path) -> Workplace:
    checkout = Workplace(tmp_path, account)
    checkout.write("contacts.yml", {"contacts": []})
    return checkout


@pytest.fixture
def broken() -> Iterator[dict[str, Simulator]]:
    """Servers that break an answer, and a free port behind which nobody listens."""
    with ExitStack() as stack:
        simulators = {"html": Simulator(5, seed=2), "truncated": Simulator(250, seed=3)}
        simulators["html"].add_fault({"when": {"method": "GET"}, "do": {"status": 200, "html": True}})
        simulators["truncated"].add_fault(
            {"when": {"method": "GET"}, "do": {"edit": {"set": {"$meta.pagination.total": 260}}}}
        )
        yield simulators
        stack.close()


def hosts(account: Account, broken: dict[str, Any], closed: str) -> dict[str, dict[str, Any]]:
    secure = account.api_url.replace("http://", "https://")
    # What is asked of no server may have any token, but each its own.
    numbers = iter(range(100))

    def token() -> dict[str, str]:
        return {"swo_api_token": f"idt:TKN-0000-{next(numbers):04}:nobodyhasthistokenatallnobodyhasthisone"}

    variables: dict[str, dict[str, Any]] = {
        "no_token": {},
        # Ansible prints the two lines of the inventory before what it cannot template: no token may be there.
        "undefined_src": {"swo_contacts_src": "{{ files_of_nobody }}", **token()},
        "undefined_token": {"swo_api_token": "{{ vault_of_nobody }}"},
        "http_401": {"swo_api_token": WRONG},
        "server_down": {**token(), "swo_api_url": f"{closed}/public/v1"},
        "dns": {**token(), "swo_api_url": "https://nowhere.invalid/public/v1"},
        "tls": {**token(), "swo_api_url": secure},
        "html": broken["html"],
        "truncated": broken["truncated"],
        "invalid_yaml": {**token(), "swo_contacts_src": ["invalid"]},
        "empty_folder": {**token(), "swo_contacts_src": ["empty"]},
        "mistyped_entry": {**token(), "swo_contacts_contacts": [{"email": "a@contoso.example", "opt_out": []}]},
        "mistyped_scope": {**token(), "swo_contacts_scope": {"emials": ["*"]}},
        "wrong_choice": {**token(), "swo_contacts_unmanaged": "keep"},
        "undefined_scope": {"swo_contacts_scope": "{{ scope_of_nobody }}", **token()},
        "no_src": {**token(), "swo_contacts_src": None},
        "another_ending": {**token(), "more_reports": ["report.pdf"]},
        "fine": {"swo_api_token": account.tokens["ops"]},
    }
    return {name: {"swo_contacts_src": ["contacts.yml"], **values} for name, values in variables.items()}


def test_no_failure_reads_as_clean(account: Account, checkout: Workplace, broken: dict[str, Simulator]) -> None:
    """Every break is a host of one run: so none of them hides another one either."""
    checkout.write("invalid/contacts.yml", "contacts: [")
    (checkout.folder / "empty").mkdir()
    checkout.play("drift", swo_contacts_src="contacts.yml", swo_contacts_reports="clean.json,clean.html")
    clean = checkout.report("clean.json")
    assert clean["status"] == "clean"
    with ExitStack() as stack:
        nobody = stack.enter_context(socket.socket())
        nobody.bind(("127.0.0.1", 0))
        served = {
            name: {
                "swo_api_url": f"{stack.enter_context(serving(simulator)).api_url}",
                "swo_api_token": simulator.tokens["ops"],
            }
            for name, simulator in broken.items()
        }
        variables = hosts(account, served, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for name in variables:
            for ending in ("json", "html"):
                checkout.write(f"{name}.{ending}", (checkout.folder / f"clean.{ending}").read_text(encoding="utf-8"))
        checkout.write("hosts.yml", {"all": {"vars": LOCAL, "hosts": variables}})

        given = ("-i", "hosts.yml", "--forks", "12", "-e", REPORTS)
        run = checkout.play("drift", *given, target="all", code=2, env={"SWO_API_TOKEN": None})

    assert set(BREAKS) | {"fine"} == set(variables)
    for name, message in BREAKS.items():
        report = checkout.report(f"{name}.json")
        assert (name, report["status"]) == (name, "error")
        assert message in json.dumps([report["message"], report["problems"]]), (name, report["message"])
        assert run.recap[name]["failed"] == 1, name
        assert f"error {name}: " in run.printed
        jsonschema.validate(report, SCHEMA)
        page = checkout.folder / f"{name}.html"
        assert not page.exists() or page.read_text(encoding="utf-8") != (checkout.folder / "clean.html").read_text()
    assert (checkout.report("fine.json")["status"], run.recap["fine"]["failed"]) == ("clean", 0)
    assert f"accounts: {len(variables)}, clean: 1, error: {len(BREAKS)}" in run.printed
    assert account.tokens["ops"].rpartition(":")[2] not in run.stdout + run.stderr


LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
NAMED = "[inventory_hostname ~ '.json', inventory_hostname ~ '.html']"
REPORTS = json.dumps({"swo_contacts_reports": f"{{{{ {NAMED} + more_reports | default([]) }}}}"})


@pytest.mark.parametrize("env", [{"SWO_API_TOKEN": None}, {"SWO_API_TOKEN": WRONG}], ids=["no token", "401"])
def test_a_single_account_ends_red_too(checkout: Workplace, env: dict[str, str | None]) -> None:
    checkout.play("drift", swo_contacts_src="contacts.yml")
    assert checkout.report()["status"] == "clean"
    checkout.play("drift", swo_contacts_src="contacts.yml", env=env, code=2)
    assert checkout.report()["status"] == "error"


@pytest.mark.parametrize("shipped", [False, True], ids=["in the worker", "shipped"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scope": {"emials": ["*"]}}, "emials"),
        ({"unmanaged": "keep"}, "unmanaged must be one of"),
        ({"concurrency": "many"}, "concurrency"),
        ({"scope": "*"}, "dictionary requested"),
    ],
    ids=str,
)
def test_options_that_are_refused_are_reported(
    account: Account, checkout: Workplace, options: dict[str, Any], message: str, shipped: bool
) -> None:
    checkout.write("drift.json", '{"status": "clean"}')
    task = {"softwareone.marketplace.swo_contacts": {"contacts": [], "reports": ["drift.json"], **options}}
    keywords = {"environment": {"SHIPPED": "yes"}} if shipped else {}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{**task, **keywords}]}
    checkout.write("refused.yml", [play])
    checkout.play("refused.yml", code=2)
    report = checkout.report("drift.json")
    assert report["status"] == "error"
    assert message in report["message"]
    jsonschema.validate(report, SCHEMA)
    assert account.journal() == []


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_leaves_no_clean_report(
    account: Account, checkout: Workplace, way: signal.Signals
) -> None:
    checkout.play("drift", swo_contacts_src="contacts.yml")
    assert checkout.report()["status"] == "clean"
    account.fail({"delay": 30}, method="GET")
    known = len(account.journal())
    process = subprocess.Popen(
        checkout.command("drift", variables={"swo_contacts_src": "contacts.yml"}),
        cwd=checkout.folder,
        env=checkout.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        patience = time.monotonic() + 30
        while len(account.journal()) == known and time.monotonic() < patience:
            time.sleep(0.05)
        assert len(account.journal()) > known
        process.send_signal(way)
        assert process.wait(30) != 0
    finally:
        end(process)
    assert checkout.report()["status"] == "error"
