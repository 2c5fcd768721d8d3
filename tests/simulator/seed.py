# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed data: the same contacts, categories, users and tokens for the same seed (notifications-api, section 16)."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.simulator.model import JsonObject

EPOCH = datetime(2025, 1, 6, 8, 0, 0, tzinfo=timezone.utc)
# What can become of a message, as statistics count it.
OUTCOMES = ("sent", "bounced", "complained", "discarded", "failed", "total")
MESSAGE_STATUSES = ("Queued", "Sent", "Bounced", "Complained", "Discarded", "Failed")
ROLES = ("ops", "vendor", "client", "disabled")
_ACCOUNT_TYPES = {"ops": "Operations", "vendor": "Vendor", "client": "Client", "disabled": "Client"}
_ACCOUNT_NAMES = {"ops": "SoftwareOne", "vendor": "Fabrikam", "client": "Contoso", "disabled": "Contoso"}
_NUMBERS = {"ops": 1, "vendor": 2, "client": 3, "disabled": 3}

_CATEGORIES: tuple[tuple[str, str, str, bool, str], ...] = (
    ("NTC-0000-0001", "Orders", "Order confirmations and status changes", True, "Published"),
    ("NTC-0000-0002", "Invoices", "New invoices and credit notes", True, "Published"),
    ("NTC-0000-0003", "Technical updates", "Maintenance windows and incidents", True, "Published"),
    ("NTC-0000-0004", "Renewals", "Subscriptions that are about to renew", True, "Published"),
    ("NTC-0000-0005", "Security alerts", "Security notices that everybody gets", False, "Published"),
    ("NTC-0000-0006", "Product news", "New products and features", True, "Published"),
    ("NTC-0000-0007", "Statements", "Monthly statements", True, "Published"),
    ("NTC-0000-0008", "Legacy reports", "Reports of the old portal", True, "Unpublished"),
)
_OPT_OUT_IDS = tuple(row[0] for row in _CATEGORIES if row[3] and row[4] == "Published")
_FIRST = [
    "Ann",
    "Bruno",
    "Chloé",
    "Dilan",
    "Emma",
    "Farid",
    "Grace",
    "Hiro",
    "Ines",
    "Jonas",
    "Katarzyna",
    "Liam",
    "Mia",
    "Noor",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tomás",
    "Uma",
    "Viktor",
    "Wanda",
    "Xenia",
    "Yusuf",
    "Zoë",
]
_LAST = [
    "Adler",
    "Baptiste",
    "Castro",
    "Dvořák",
    "Eriksen",
    "Fischer",
    "García",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Silva",
    "Tanaka",
    "Ullman",
    "Vasquez",
    "Weber",
    "Xu",
    "Yildiz",
    "Zimmermann",
]
_DOMAINS = ("contoso.example", "fabrikam.example", "adventure-works.example", "northwind.example")
_ASCII = str.maketrans("éáíčřüøłñ", "eaicruoln")


@dataclass(frozen=True)
class Token:
    """An API token. ``secret`` is the whole text after ``Bearer``."""

    id: str
    role: str
    secret: str
    account: JsonObject

    @property
    def actor(self) -> JsonObject:
        """How audit events name the token."""
        return {"id": self.id, "name": f"{self.role} token"}


def make_tokens(seed: int) -> dict[str, Token]:
    """One token per role; ``disabled`` is refused everywhere."""
    tokens = {}
    for position, role in enumerate(ROLES, 1):
        rng = random.Random(f"token:{seed}:{role}")
        token_id = f"TKN-{position:04d}-{rng.randrange(10000):04d}"
        opaque = "".join(rng.choices(string.ascii_letters + string.digits, k=40))
        number = _NUMBERS[role]
        account = {"id": f"ACC-{number:04d}-{number:04d}", "type": _ACCOUNT_TYPES[role], "name": _ACCOUNT_NAMES[role]}
        tokens[role] = Token(token_id, role, f"idt:{token_id}:{opaque}", account)
    return tokens


def iso(when: datetime) -> str:
    """A moment as the API writes it: UTC, milliseconds, ``Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def make_categories() -> list[JsonObject]:
    by = {"id": "USR-0000-0001", "name": "Platform"}
    rows = []
    for position, (category_id, name, description, allowed, status) in enumerate(_CATEGORIES):
        at = iso(EPOCH - timedelta(days=400 - position))
        audit: JsonObject = {"created": {"at": at, "by": by}, "published": {"at": at, "by": by}}
        if status == "Unpublished":
            audit["unpublished"] = {"at": iso(EPOCH - timedelta(days=30)), "by": by}
        rows.append(
            {
                "id": category_id,
                "name": name,
                "shortDescription": description.split()[0],
                "description": description,
                "status": status,
                "optOutAllowed": allowed,
                "deleteAllowed": name != "Security alerts",
                "lastUsed": None,
                "icon": None,
                "note": None,
                "revision": 1,
                "statistics": statistics(position),
                "audit": audit,
            }
        )
    return rows


def statistics(daily: int) -> JsonObject:
    """Messages of a category that gets so many through a day, and loses one a week."""
    return {
        period: dict(zip(OUTCOMES, (daily * days, lost, 0, 0, 0, daily * days + lost), strict=True))
        for period, days, lost in (("today", 1, 0), ("week", 7, 1), ("month", 30, 4))
    }


def make_batch(number: int, category: JsonObject, account: JsonObject, contacts: list[JsonObject]) -> JsonObject:
    """A mail of the category to the contacts."""
    return {
        "id": f"MST-0000-{number:04d}",
        "category": {"id": category["id"], "name": category["name"]},
        "account": account,
        "contacts": [{"id": contact["id"], "name": contact["name"], "email": contact["email"]} for contact in contacts],
        "subject": f"{category['name']}: news",
        "body": "Something has changed.",
        "audit": {"created": {"at": iso(EPOCH - timedelta(days=number))}},
    }


def make_messages(first: int, batch: JsonObject, contacts: list[JsonObject]) -> Iterator[JsonObject]:
    """One message per contact of the batch, in all states there are; what goes to a blocked contact is discarded."""
    for number, (contact, shown) in enumerate(zip(contacts, batch["contacts"], strict=True), first):
        is_active = contact["status"] == "Active"
        status = MESSAGE_STATUSES[number % len(MESSAGE_STATUSES)] if is_active else "Discarded"
        at = {"at": batch["audit"]["created"]["at"]}
        yield {
            "id": f"MSG-0000-{number:04d}",
            "status": status,
            "contact": shown,
            "category": batch["category"],
            "account": batch["account"],
            "batch": {"id": batch["id"]},
            "subject": batch["subject"],
            "body": batch["body"],
            "attachments": [],
            "audit": {"queued": at, status.lower(): at},
        }


def make_user(number: int, name: str, email: str) -> JsonObject:
    """A platform user of the client's account; every fourth has never logged in."""
    first, _sep, last = name.partition(" ")
    joined = iso(EPOCH - timedelta(days=number % 365 + 1))
    account = {
        "id": "ACC-0003-0003",
        "icon": None,
        "type": _ACCOUNT_TYPES["client"],
        "status": "Active",
        "name": _ACCOUNT_NAMES["client"],
    }
    return {
        "id": f"USR-{number // 10000:04d}-{number % 10000:04d}",
        "name": name,
        "icon": None,
        "phone": None,
        "email": email,
        "status": "Active",
        "firstName": first,
        "lastName": last,
        "lastLoginAt": iso(EPOCH - timedelta(hours=number % 1000)) if number % 4 else None,
        "settings": {"cultureCode": "en-US", "languageCode": "en"},
        "accounts": [account],
        "currentAccount": account,
        "audit": {"created": {"at": joined, "by": {"id": "USR-0000-0001", "name": "Platform"}}},
        "revision": 1,
    }


def _person(name: str | None, email: str, **extra: Any) -> JsonObject:
    return {"name": name, "email": email, "status": "Active", "optOuts": [], "linked": False, **extra}


def _special() -> Iterator[JsonObject]:
    """The contacts that hurt naive clients come first, so that small sets have them."""
    yield _person("Jane Doe", "jane.doe@contoso.example", linked=True, optOuts=["NTC-0000-0003"])
    yield _person("Liam O'Brien", "liam.o'brien@contoso.example")
    yield _person("Operations desk", "ops+alerts@contoso.example")
    yield _person("Hard Bounce", "gone@fabrikam.example", status="Blocked", blockedReason="550 5.1.1 mailbox not found")
    yield _person("Blocked Desk", "blocked.desk@fabrikam.example", status="Blocked")
    yield _person("Zoë Müller-Łukaszewska 山田", "zoe.mueller@fabrikam.example", optOuts=["NTC-0000-0001"])
    yield _person('Ann "The Desk" Example', "Ann.Example@Northwind.Example")
    yield _person(None, "nobody@northwind.example")


def _people(seed: int) -> Iterator[JsonObject]:
    yield from _special()
    rng = random.Random(f"people:{seed}")
    number = 0
    while True:
        number += 1
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        mailbox = f"{first}.{last}".lower().translate(_ASCII)
        tag = "+news" if number % 17 == 0 else ""
        opted_out = rng.sample(_OPT_OUT_IDS, rng.choice((0, 0, 0, 1, 2)))
        email = f"{mailbox}{number}{tag}@{rng.choice(_DOMAINS)}"
        yield _person(f"{first} {last}", email, linked=number % 3 == 0, optOuts=opted_out)


def make_people(count: int, seed: int) -> list[JsonObject]:
    """``count`` live people, and from 4 on one deleted besides: name, email, status, optOuts (ids), linked."""
    people = [person for person, number in zip(_people(seed), range(count), strict=False)]
    if count >= 4:
        people.insert(4, _person("Former Colleague", "former@contoso.example", status="Deleted"))
    return people


def seed_audit(position: int, status: str) -> JsonObject:
    """The audit of a seeded contact: only events that its status implies."""
    by = {"id": "USR-0000-0001", "name": "Platform"}
    at = EPOCH + timedelta(minutes=position)
    audit: JsonObject = {"created": {"at": iso(at), "by": by}}
    if status != "Active":
        audit[status.lower()] = {"at": iso(at + timedelta(days=90)), "by": by}
    return audit
