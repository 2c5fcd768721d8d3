# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contacts of the benchmark: declared in a file, held by the simulator, and changed behind the back of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.lab import Account
from tests.simulator.seed import make_categories

CATEGORY_IDS = {category["name"]: category["id"] for category in make_categories()}
# The first contact has opt-outs, so that even a set of one needs the categories.
_OPT_OUTS: tuple[tuple[str, ...], ...] = (("Technical updates",), (), ("Invoices", "Renewals"), (), ())
_FIRST = ("Ann", "Bruno", "Chloé", "Dilan", "Emma", "Farid", "Grace")
_LAST = ("Adler", "Baptiste", "Castro", "Dvořák", "Eriksen")
_CHUNK = 5000


def person(number: int) -> dict[str, Any]:
    """One declared contact."""
    return {
        "email": f"person{number:06d}@contoso.example",
        "name": f"{_FIRST[number % 7]} {_LAST[number % 5]} {number}",
        "opt_outs": list(_OPT_OUTS[number % 5]),
    }


def drifted(count: int) -> int:
    """How many of ``count`` contacts somebody changes: one in a hundred, and at least one."""
    return max(1, count // 100)


def write_file(path: Path, count: int) -> None:
    """A contacts file as people write it."""
    with path.open("w", encoding="utf-8") as file:
        file.write("contacts:\n")
        for each in map(person, range(count)):
            opt_outs = ", ".join(each["opt_outs"])
            file.write(f"  - email: {each['email']}\n    name: {each['name']}\n    opt_outs: [{opt_outs}]\n")


def write_rich_file(path: Path, count: int) -> None:
    """The same contacts with what slows a reader of YAML down: quotes, comments, profiles, a list item per line."""
    profiles = sorted({opt_outs for opt_outs in _OPT_OUTS if opt_outs})
    names = {opt_outs: f"profile-{number}" for number, opt_outs in enumerate(profiles)}
    with path.open("w", encoding="utf-8") as file:
        file.write("# Who gets which notifications\nprofiles:\n")
        for opt_outs, name in names.items():
            file.write(f"  {name}:\n    opt_outs:\n" + "".join(f'      - "{each}"\n' for each in opt_outs))
        file.write("contacts:\n")
        for number, each in enumerate(map(person, range(count))):
            file.write(f'  # {number + 1} of {count}\n  - email: "{each["email"]}"  # as in the directory\n')
            file.write(f"    name: '{each['name']}'\n")
            name = names.get(tuple(each["opt_outs"]))
            file.write(f'    profiles: ["{name}"]\n' if name else "    opt_outs: []\n")


def fill(account: Account, count: int) -> None:
    """Let the account hold exactly the first ``count`` contacts; every third belongs to a user of the platform."""
    account.call("PUT", "/store", {"contacts": [], "users": []})
    for start in range(0, count, _CHUNK):
        chunk = [_stored(number) for number in range(start, min(start + _CHUNK, count))]
        account.call("PUT", "/store?mode=patch", {"contacts": chunk})


def drift(account: Account, count: int, changed: int) -> None:
    """Change ``changed`` of the contacts: half of them get another name, half other opt-outs."""
    changes: list[dict[str, Any]] = []
    for nth, number in enumerate(range((count - changed) // 2, (count + changed) // 2)):
        change = {"optOuts": [CATEGORY_IDS["Orders"]]} if nth % 2 else {"name": "Somebody Else"}
        changes.append({"email": person(number)["email"], **change})
    account.call("PUT", "/store?mode=patch", {"contacts": changes})


def differing(account: Account, count: int) -> list[str]:
    """The addresses that are not as the first ``count`` contacts declare them, or that nobody declares."""
    live = {
        contact["email"]: (contact["name"], sorted(item["id"] for item in contact["optOuts"]))
        for contact in account.contacts()
        if contact["status"] == "Active"
    }
    wanted = dict(_comparable(number) for number in range(count))
    return sorted(email for email in {*live, *wanted} if live.get(email) != wanted.get(email))


def _stored(number: int) -> dict[str, Any]:
    declared = person(number)
    ids = [CATEGORY_IDS[name] for name in declared["opt_outs"]]
    linked = {"user": True} if number % 3 == 0 else {}
    return {"email": declared["email"], "name": declared["name"], "optOuts": ids, **linked}


def _comparable(number: int) -> tuple[str, tuple[str, list[str]]]:
    declared = person(number)
    return declared["email"], (declared["name"], sorted(CATEGORY_IDS[name] for name in declared["opt_outs"]))
