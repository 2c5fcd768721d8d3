# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user reads when something is wrong: one sentence with the next step, no write, no traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import trustme

from tests.integration.lab import Account, Player, PlayRun, simulator

BAD_INPUT = {
    "Neither id nor address": "one of the following is required: id, email",
    "Unknown option": r"Unsupported parameters for .*swo_contact.* module: opt_out\. Supported parameters include",
    "Unknown state": "value of state must be one of: present, blocked, absent, got: enabled",
    "Number that is none": "api_timeout.*unable to convert to int",
    "Address without a host": "email 'ann@' has no name before or no domain",
    "Two faults at once": "email 'ann@' .*opt_outs and opt_ins both name 'Invoices'",
    "Unknown category": r"'Invoces'.*Did you mean 'Invoices'\?",
    "Category for everybody": "'?Security alerts'?.*cannot be opted out of",
    "Id that does not exist": "no live contact with the id CTT-9999-9999.*Check the id",
    "Id that is a path": "cannot be the id of a contact",
    "Plain HTTP": "api_url must start with https://",
    "Two ways to name a contact": r"mutually exclusive: id\|email",
    "Filter that is not closed": "rql cannot be used as a filter: the parentheses do not match",
    "Filter with a comparison in place of a call": r"rql cannot be used as a filter: .*write eq\(a,b\)",
    "No contacts at all": "limit must be at least 1",
    "Order by a sentence": r"order .*looks like name,-audit\.created\.at",
    "Filter by an unknown category": r"Did you mean 'Invoices'\?",
    "Category by id and name": r"mutually exclusive: id\|name",
    "Flag that is none": "opt_out_allowed.*perhaps",
}

# The status that is returned and the sentence.
REFUSALS = {
    "Wrong token": (401, "Check api_token"),
    "Disabled token": (401, "Check api_token"),
    "Token of another account": (403, "need a token of an Operations account"),
    "Not to be seen": (404, "need a token of an Operations account.*404 instead of 403"),
    "Too many requests": (429, "limits the rate of requests; run again later"),
    "Broken": (500, "run again later, which is safe"),
    "Redirected": (None, r"HTTP 302, a redirect, which is not followed\. Check api_url"),
    "Refused value": (400, r"Could not create contact refused@contoso\.example: HTTP 400.*email.*trace id"),
    "Address of something else": (None, "HTTP 404 from the gateway.*should end in /public/v1"),
    "Web page": (None, "something that is not JSON.*not a web page or a login"),
    "Nobody listens": (None, r"No connection to 127\.0\.0\.1:\d+\. Check api_url, the network and the proxy"),
    "No such host": (None, r"host name marketplace\.invalid cannot be resolved"),
}


def assert_one_sentence(run: PlayRun, name: str, pattern: str) -> None:
    task = run[name]
    assert task.status == "failed", name
    text = task.result["msg"]
    assert re.search(pattern, text), f"{name}: {text}"
    assert "\n" not in text
    assert len(text) < 700
    assert task.result["changed"] is False if "changed" in task.result else True
    # The sentence is not said twice.
    assert text.count(text[:40]) == 1


def test_bad_input(account: Account, play: Player) -> None:
    account.reset(contacts=9)
    before = account.contacts()

    run = play("bad_input.yml")

    assert {task.name for task in run.tasks} == set(BAD_INPUT)
    for name, pattern in BAD_INPUT.items():
        assert_one_sentence(run, name, pattern)
        assert run[name].writes == []
    needs_a_look = {"Unknown category", "Category for everybody", "Id that does not exist"}
    assert {task.name for task in run.tasks if task.sent} == needs_a_look | {"Filter by an unknown category"}
    assert account.contacts() == before


def test_refusals(account: Account, play: Player, nobody: str) -> None:
    faults = {
        "unseen": {"status": 404},
        "busy": {"status": 429, "retry_after": "7200"},
        "broken": {"status": 500, "retry_after": "7200"},
        "moved": {"redirect": "https://elsewhere.invalid/"},
        "page": {"status": 200, "html": True},
    }
    for person, do in faults.items():
        method = {"method": "POST"} if person == "unseen" else {}
        account.fail(do, email=f"{person}@contoso.example", **method)
    account.call("PATCH", "/switches", {"error_shape": "E1", "forbidden_mode": "403"})
    body = {"title": "Bad Request", "status": 400, "errors": {"email": ["No."]}, "traceId": "00-1"}
    account.fail({"status": 400, "body": body}, email="refused@contoso.example", method="POST")

    run = play("refusals.yml", variables={"nobody": nobody})

    assert {task.name for task in run.tasks} == set(REFUSALS)
    for name, (status, pattern) in REFUSALS.items():
        assert_one_sentence(run, name, pattern)
        assert run[name].result["failure"]["status"] == status
    assert [task.name for task in run.tasks if task.writes] == [
        "Token of another account",
        "Not to be seen",
        "Refused value",
    ]
    assert account.contacts() == []
    assert account.unfired() == []


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A certificate for 127.0.0.1 with its key, the authority that signed it, and another one."""
    folder = tmp_path_factory.mktemp("tls")
    right, wrong = trustme.CA(), trustme.CA()
    issued = right.issue_cert("127.0.0.1")
    files = {name: folder / f"{name}.pem" for name in ("right", "wrong", "chain", "key")}
    right.cert_pem.write_to_path(files["right"])
    wrong.cert_pem.write_to_path(files["wrong"])
    issued.private_key_pem.write_to_path(files["key"])
    for blob in issued.cert_chain_pems:
        blob.write_to_path(files["chain"], append=True)
    return files


def test_tls(account: Account, play: Player, authorities: dict[str, Path], tmp_path: Path) -> None:
    refused = r"certificate was refused\. .*name that CA with ca_path"
    expected = {
        "Wrong authority": refused,
        "Authorities of the system": refused,
        "Authority that is missing": r"ca_path /nonexistent/ca\.pem does not exist",
        "Authority that is no certificate": r"ca_path .+/tls\.yml has no CA certificates",
        "Server without TLS": r"TLS handshake with 127\.0\.0\.1:\d+ failed\. Check the scheme and port",
    }
    options = ["--tls-cert", str(authorities["chain"]), "--tls-key", str(authorities["key"])]
    with simulator(tmp_path / "stderr", *options) as secure:
        given = {"secure": secure.api_url, "right": str(authorities["right"]), "wrong": str(authorities["wrong"])}
        run = play("tls.yml", variables={"simulator": {**account.hello, "tokens": secure.tokens}, **given})
        passed = {"Right authority", "No validation", "No validation whatever the authority"}
        assert {task.name for task in run.tasks if task.status == "ok"} == passed
        assert len(secure.journal()) == len(passed)
    for name, pattern in expected.items():
        assert_one_sentence(run, name, pattern)
