# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request in the hands of the API: who asks, for what, and the way the answer is rendered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulator import projection as projections
from tests.simulator.errors import ApiError, invalid
from tests.simulator.model import JsonObject, Reply, View, encoded, json_reply, json_text
from tests.simulator.projection import Projection
from tests.simulator.rows import contact_schema, full_contact
from tests.simulator.rql import split_query
from tests.simulator.seed import Token
from tests.simulator.store import Record
from tests.simulator.switches import SwitchSet
from tests.simulator.world import World

_MAX_CACHED = 8


@dataclass
class Call:
    """``path``: without query. ``headers``: lower-case names. ``actor``: the token that asks."""

    world: World
    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    actor: Token
    view: View

    @property
    def switches(self) -> SwitchSet:
        return self.world.switches

    @property
    def sees_deleted(self) -> bool:
        """Whether deleted contacts are shown to this role."""
        visibility = self.switches["deleted_visibility"]
        return visibility == "listed" or (visibility == "ops_only" and self.actor.role == "ops")

    @property
    def is_restricted(self) -> bool:
        """Whether ``forbidden_mode`` applies to this role."""
        return self.switches["forbidden_roles"] in ("all", self.actor.role) or (
            self.switches["forbidden_roles"] == "vendor_client" and self.actor.role != "ops"
        )

    def withheld(self, *, in_list: bool) -> tuple[str, ...]:
        """Members that this read does not show, selected or not."""
        name, _sep, only_lists = self.switches["withheld"].partition("_")
        return () if name == "none" or (only_lists and not in_list) else (name,)

    def event(self) -> JsonObject:
        """An audit event of now, by the token (section 9)."""
        return {"at": self.world.stamp(), "by": self.actor.actor}

    def as_read(self, record: Record) -> Record | None:
        """The contact as a read sees it: behind by the lag of the switch or of a fault."""
        return record.as_of(self.read_moment()) if self.lag else record

    @property
    def lag(self) -> float:
        """Seconds by which reads are behind writes."""
        return self.switches.number("read_after_write_lag") / 1000 + self.view.lag

    def read_moment(self) -> float:
        return self.world.now() - self.lag

    def render(self, record: Record, projection: Projection) -> str:
        """The contact as JSON text; kept with the record until something it shows changes."""
        row = full_contact(self.world, record)
        text = record.cache.get(projection.key)
        if text is None:
            if len(record.cache) >= _MAX_CACHED:
                record.cache.clear()
            text = record.cache[projection.key] = json_text(projections.project(row, projection))
        return text

    def contact_reply(self, status: int, record: Record) -> Reply:
        """The answer to a write: everything but audit, optOuts by switch (section 4)."""
        return self._single(status, record, None, ("audit",))

    def read_reply(self, record: Record) -> Reply:
        """The answer to GET by id: everything, less what ``select`` takes away."""
        return self._single(200, record, split_query(self.raw_query).select, ())

    def _single(self, status: int, record: Record, select: str | None, hidden: tuple[str, ...]) -> Reply:
        schema = contact_schema(self.world)
        withheld = self.withheld(in_list=False)
        projection = projections.build(
            select, schema, self.switches, hidden=hidden, withheld=withheld, item_meta=bool(hidden or withheld)
        )
        text = self.render(record, projection)
        if hidden and self.switches["optouts_in_write_response"] == "missing":
            text = json_text({name: value for name, value in json.loads(text).items() if name != "optOuts"})
        return Reply(status, encoded(text), [("Content-Type", "application/json; charset=utf-8")])

    def json_body(self, *, required: bool = True) -> JsonObject:
        """The body as an object; 415 and 400 as in section 3."""
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not self.body.strip():
            if required:
                raise invalid("", "A non-empty request body is required.")
            return {}
        if not (media in ("application/json", "text/json") or (media[:12] == "application/" and media[-5:] == "+json")):
            raise ApiError(415, "Unsupported Media Type", kind="validation")
        try:
            value: Any = json.loads(self.body)
        except (ValueError, RecursionError):
            raise invalid("$", "The request body is not valid JSON.") from None
        if not isinstance(value, dict):
            raise invalid("$", "The JSON value could not be converted to an object.")
        return value


def object_reply(status: int, row: JsonObject, projection: Projection) -> Reply:
    """One category or subscriber."""
    return json_reply(status, projections.project(row, projection))
