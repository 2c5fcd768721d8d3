# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No piece of a token shows anywhere, whatever happens; and a search that finds nothing is known to find.

What ansible-core itself shows is not ours to prevent, and not tried here: a misspelt option that carries the token, a
token in `environment:` or as the item of a loop at -vvv, ANSIBLE_DEBUG and ANSIBLE_KEEP_REMOTE_FILES.
"""

from __future__ import annotations

import time

import pytest

from tests.integration.canary import FORMS, MARKS, Canary, canary, sinks
from tests.integration.lab import Account, Player, PlayRun

ECHO = '{"title": "{authorization}", "detail": "{authorization}", "traceId": "{authorization}", '
ECHO += '"errors": {"{authorization}": ["{authorization}"]}}'
PROBLEM = {"body": ECHO, "content_type": "application/problem+json"}

# Faults by the first part of the address that they are about; the server repeats what it was sent wherever it can.
FAULTS = {
    "echo-400": {"echo_headers": True, "status": 400},
    "echo-401": {"status": 401, "body": "{authorization}"},
    "echo-403": {"status": 403, **PROBLEM},
    "echo-404": {"status": 404, "body": "<html><title>{authorization}</title></html>", "content_type": "text/html"},
    "echo-500": {"status": 500, "retry_after": "7200", **PROBLEM},
    "echo-302": {"redirect": "https://elsewhere.invalid/?token={authorization}"},
    "echo-200": {"status": 200, "body": "{authorization}"},
    "echo-row": {"status": 200, "body": '{"data": [{"id": "{authorization}", "email": "{authorization}"}]}'},
    "reset": {"reset": True},
}

# The places in which the leaky module leaks, and the sinks in which each has to be found.
PLACES = {
    "result": {"stdout", "log", "callback"},
    "message": {"stdout", "log", "callback"},
    "warning": {"stderr"},
    "deprecation": {"stderr"},
    "exception": {"callback"},
    "exit": {"callback"},
    "diff": {"stdout", "callback"},
    "key": {"stdout", "callback"},
    "home": {"home"},
    "temporary": {"temporary"},
    "file name": {"temporary"},
    "journal": {"journal"},
    "server log": {"server log"},
    "job": {"jobs"},
}


@pytest.mark.parametrize(
    ("verbosity", "shipped"),
    [([], False), (["-vvv"], False), (["-vvv"], True)],
    ids=["in the worker", "in the worker, -vvv", "shipped, -vvv"],
)
def test_no_piece_of_a_token_shows(
    verbosity: list[str], shipped: bool, account: Account, play: Player, nobody: str
) -> None:
    token = account.tokens["ops"]
    account.put(email="echo@contoso.example", name=f"Echo {token}")
    account.put(email="bounce@contoso.example", status="Blocked", blockedReason=f"Refused {token}")
    for person, do in FAULTS.items():
        account.fail(do, email=f"{person}@contoso.example")
    account.fail({"status": 400, **PROBLEM}, email="echo-post@contoso.example", method="POST")
    secret = canary("wrong").token
    tokens = {"wrong": secret, "broken": f"{secret[:38]}\n{secret[38:]}", "quoted": f"{secret[:38]}\u201c{secret[38:]}"}

    run = play(
        "secrets.yml",
        "--diff",
        *verbosity,
        variables={"tokens": tokens, "nobody": nobody},
        warns=["stays blocked"],
        shipped=shipped,
    )

    assert account.unfired() == []
    assert [task.status for task in run.tasks].count("failed") == 23
    wait_for_jobs(run)
    # The store has the token where this test has put it, the journal where the module has sent it to.
    for name, data in sinks(run, account).items():
        for searched in map(Canary, [token, *tokens.values()]):
            assert searched.forms_in(data) == [], f"{name}: {searched.excerpt(data)!r}"


def wait_for_jobs(run: PlayRun) -> None:
    """Wait until what runs an asynchronous task has cleaned up.

    It looks every five seconds whether the task has ended, keeps the module with its options until then, and is
    nobody's child: there is no event to wait for.
    """
    deadline = time.monotonic() + 30
    while list((run.left / "remote").iterdir()):
        assert time.monotonic() < deadline, "files are left in the temporary folder of the modules"
        time.sleep(0.05)


def test_the_search_finds_every_leak(account: Account, play: Player) -> None:
    places = {place: canary(place) for place in PLACES}
    forms = {form: canary(form, "" if form in ("plain", "reversed") else MARKS) for form in FORMS}
    unused = canary("unused")

    run = play(
        "leaks.yml",
        "--diff",
        "-vvv",
        variables={
            "places": [place for place in PLACES if place != "job"],
            "forms": list(FORMS),
            "tokens": {name: searched.token for name, searched in {**places, **forms}.items()},
            "server_log": str(account.log),
        },
        may_crash=True,
    )

    searched_in = sinks(run, account)
    found = {
        place: {name for name, data in searched_in.items() if searched.forms_in(data)}
        for place, searched in places.items()
    }
    missed = {place: sorted(PLACES[place] - found[place]) for place in PLACES if not PLACES[place] <= found[place]}
    assert missed == {}
    assert set.union(*PLACES.values()) == set(searched_in)
    assert {
        form: form in searched.forms_in(searched_in["callback"]) for form, searched in forms.items()
    } == dict.fromkeys(FORMS, True)
    assert [name for name, data in searched_in.items() if unused.forms_in(data)] == []
