# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of answer against schemas of our own, written from the facts (notifications-api, sections 3, 4, 13)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.unit.simulator.answers import ANSWERS
from tests.unit.simulator.api import Api

_TEXT = {"type": "string", "minLength": 1}
_ID = {"type": "string", "pattern": r"^[A-Z]{3,4}(-\d{4})+$"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


_REFERENCE = _object("id", id=_ID, name=_TEXT)
_EVENT = _object("at", at=_MOMENT, by=_REFERENCE)
_EVENTS = ("created", "updated", "activated", "blocked", "deleted", "published", "unpublished")
_AUDIT = _object("created", **dict.fromkeys(_EVENTS, _EVENT))
_META = _object("omitted", omitted=_list({"enum": ["audit", "optOuts", "statistics"]}))
_OPT_OUT = _object("id", id=_ID, name=_TEXT, description=_TEXT)
CONTACT = _object(
    "id email status",
    **{"$meta": _META},
    id=_ID,
    name=_TEXT,
    email=_TEXT,
    status={"enum": ["Active", "Blocked", "Deleted"]},
    blockedReason=_TEXT,
    user=_object("id name", id=_ID, name=_TEXT),
    userId=_ID,
    optOuts=_list(_OPT_OUT),
    audit=_AUDIT,
)
_NUMBER = {"type": "integer", "minimum": 0}
_OUTCOMES = "sent bounced complained discarded failed total"
_COUNTS = _object(_OUTCOMES, **dict.fromkeys(_OUTCOMES.split(), _NUMBER))
CATEGORY = _object(
    "id name status optOutAllowed",
    id=_ID,
    name=_TEXT,
    shortDescription=_TEXT,
    description=_TEXT,
    status={"enum": ["Published", "Unpublished", "Deleted"]},
    optOutAllowed={"type": "boolean"},
    statistics=_object("today week month", **dict.fromkeys(("today", "week", "month"), _COUNTS)),
    audit=_AUDIT,
)
PROBLEM = _object(
    "type title status detail traceId",
    type=_TEXT,
    title={"enum": ["Bad Request", "Not Found"]},
    status={"enum": [400, 404]},
    detail=_TEXT,
    traceId={"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-00$"},
    errors={"type": "object", "additionalProperties": {**_list(_TEXT), "minItems": 1}},
)


def _envelope(item: Any) -> dict[str, Any]:
    pagination = _object("offset limit total", offset=_NUMBER, limit=_NUMBER, total=_NUMBER)
    meta = _object("pagination omitted", pagination=pagination, omitted=_META["properties"]["omitted"])
    return _object("$meta data", **{"$meta": meta}, data=_list(item))


def _schema_for(path: str, method: str, status: int) -> dict[str, Any]:
    if status >= 400:
        return PROBLEM
    item = CATEGORY if path.startswith("/categories") else CONTACT
    return _envelope(item) if method == "get" and not path.endswith("{id}") else item


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_answer_fits(kind: str) -> None:
    path, method, status, send = ANSWERS[kind]
    api = Api(12)
    body = send(api)
    assert api.status == status
    if status == 204:
        assert (body, api.reply.body, api.header("content-type")) == (None, b"", None)
    else:
        jsonschema.validate(body, _schema_for(path, method, status))
        assert api.header("content-type") == "application/json; charset=utf-8"
