# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Marketplace: its state, clock, switches and tokens, and the seeding of them."""

from __future__ import annotations

import hashlib
import itertools
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from tests.simulator import seed as seeds
from tests.simulator.exports import Exports
from tests.simulator.model import JsonObject
from tests.simulator.paging import ResultCache
from tests.simulator.store import Record, Store, fold
from tests.simulator.switches import SwitchSet

Clock = Callable[[], float]
_MAILED = 20


def auth_hash(header: str) -> str:
    return hashlib.sha256(header.encode("utf-8", "surrogateescape")).hexdigest()


class World:
    """Everything that a request can see or change.

    ``clock``: monotonic seconds; with a clock of your own, audit times start at a fixed date and so are reproducible.
    ``advance`` moves time forward without waiting.
    """

    def __init__(self, contacts: int, seed: int, switches: Mapping[str, object] | None, clock: Clock | None) -> None:
        self._clock = clock or time.monotonic
        self._wall_start = seeds.EPOCH if clock else datetime.now(timezone.utc)
        self._clock_start = self._clock()
        self._skipped = 0.0
        self.seed = seed
        self.switches = SwitchSet(switches)
        self.store = Store(self.now)
        self.exports = Exports()
        self.auto_blocked_at = -1
        self._results = ResultCache()
        self.load(contacts, seed)

    def load(self, contacts: int, seed: int) -> None:
        """Starts over: new tokens, seeded store. Switches and clock stay."""
        self.seed = seed
        self.started = self.now()
        self.rng = random.Random(f"world:{seed}")
        self.tokens = seeds.make_tokens(seed)
        self._token_by_hash = {auth_hash(f"Bearer {token.secret}"): token for token in self.tokens.values()}
        self._next_number = {
            "contact": 10_000 + seed * 37 % 5_000,
            "category": 5_000_000,
            "user": 1_000,
        }
        self.store = Store(self.now)
        for category in seeds.make_categories():
            self.store.put_category(category)
        self._seed_contacts(contacts, seed)
        self._seed_subscribers()
        self._seed_messages()
        # Mailboxes of platform users that nobody has made a contact of yet.
        for name, email in (("Nina New", "nina.new@contoso.example"), ("Omar Other", "omar.other@fabrikam.example")):
            self.link(name, email)

    @property
    def results(self) -> ResultCache:
        """Matching contacts of recent queries, none of them stale."""
        store = self.store
        return self._results.at((id(store), store.generation, store.environment, self.switches.generation))

    def now(self) -> float:
        """Monotonic seconds, with the time that was skipped."""
        return self._clock() + self._skipped

    def advance(self, seconds: float) -> None:
        self._skipped += seconds

    def wall(self) -> datetime:
        return self._wall_start + timedelta(seconds=self.now() - self._clock_start)

    def stamp(self) -> str:
        return seeds.iso(self.wall())

    def token_for(self, digest: str | None) -> seeds.Token | None:
        """The token behind the hash of an Authorization header, unless the service would refuse it (section 2)."""
        token = self._token_by_hash.get(digest or "")
        warm = self.now() - self.started >= self.switches.number("token_warmup")
        return token if token and token.role != "disabled" and warm else None

    def user_of(self, contact: JsonObject) -> JsonObject | None:
        """The platform user that has the contact's e-mail (section 4)."""
        if self.switches["link_user_by_email"] == "off":
            return None
        return self.store.users.get(fold(contact["email"]))

    def same_email(self, email: str) -> list[Record]:
        """Contacts, deleted ones too, that have this e-mail by the rules of switch ``email_case``."""
        found = self.store.by_email(email)
        if self.switches["email_case"] == "sensitive":
            return [record for record in found if record.data["email"] == email]
        return found

    def link(self, name: str | None, email: str) -> None:
        """Makes the e-mail that of a platform user."""
        self._next_number["user"] += 1
        self.store.put_user(seeds.make_user(self._next_number["user"], name or email, email))

    def new_contact_id(self) -> str:
        # Gaps leave room for contacts that appear in front of others (page drift).
        self._next_number["contact"] += self.rng.randint(1, 9)
        return self.contact_id(self._next_number["contact"])

    def contact_id(self, number: int) -> str:
        form = self.switches["id_format"]
        tail = f"{number // 10_000 % 10_000:04d}-{number % 10_000:04d}"
        middle = f"-{number // 10**8:04d}" if form.count("dddd") == 3 else ""
        return f"{form[:3]}{middle}-{tail}"

    def new_category_id(self) -> str:
        self._next_number["category"] += 1
        number = self._next_number["category"]
        return f"NTC-{number // 10_000:04d}-{number % 10_000:04d}"

    def _seed_contacts(self, count: int, seed: int) -> None:
        for position, person in enumerate(seeds.make_people(count, seed)):
            if person.pop("linked"):
                self.link(person["name"], person["email"])
            opted_out = [{"id": category_id} for category_id in person["optOuts"]]
            audit = seeds.seed_audit(position, person["status"])
            data = {"id": self.new_contact_id(), **new_contact(), **person, "optOuts": opted_out, "audit": audit}
            self.store.put(data, seeded=True)

    def _seed_subscribers(self) -> None:
        """One subscriber per category for the client's account; every second platform user is a recipient."""
        account = self.tokens["client"].account
        users = [{"id": user["id"], "name": user["name"]} for user in self.store.users.values()][::2]
        for position, category in enumerate(self.store.categories.values(), 1):
            subscriber_id = f"NTS-0000-{position:04d}"
            subscriber = {
                "id": subscriber_id,
                "name": category["name"],
                "status": "Disabled" if category["name"] == "Statements" else "Active",
                "recipients": {"users": users, "userGroups": []},
                "account": account,
                "category": {"id": category["id"], "name": category["name"]},
                "audit": {"created": category["audit"]["created"]},
            }
            self.store.put_other("subscribers", subscriber)

    def _seed_messages(self) -> None:
        """A batch in each of three categories, to the first live contacts of the account."""
        contacts = [record.data for record in itertools.islice(self.store.live(), _MAILED)]
        for number, category in enumerate(itertools.islice(self.store.categories.values(), 3), 1):
            batch = seeds.make_batch(number, category, self.tokens["client"].account, contacts)
            self.store.put_other("batches", batch)
            for message in seeds.make_messages(len(self.store.messages) + 1, batch, contacts):
                self.store.put_other("messages", message)


def new_contact() -> JsonObject:
    """The members of a contact that nobody has set."""
    return {
        "name": None,
        "email": "",
        "status": "Active",
        "blockedReason": None,
        "optOuts": [],
        "directories": [],
        "chat": None,
        "revision": 1,
        "audit": {},
    }
