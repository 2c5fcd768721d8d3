# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of answer against the official specification of 2025-05, where that file is at hand.

It is not ours to ship: ``SWO_OPENAPI_CONTACTS`` names it, else it is looked for beside the checkout.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.simulator.answers import ANSWERS
from tests.unit.simulator.api import Api

_BESIDE = Path(__file__).resolve().parents[3] / ".." / "shared" / "reference" / "openapi-contacts.json"
_PREFIX = "/public/v1/notifications"
# Members that newer sources show and that specification does not have yet (notifications-api, sections 6 and 9).
_NEWER: dict[str, dict[str, Any]] = {
    "Audit": {
        event: {"$ref": "#/components/schemas/Event"}
        for event in ("activated", "blocked", "deleted", "published", "unpublished")
    },
    "Category": {"lastUsed": {"type": "string", "format": "date-time", "nullable": True}},
}
# It calls the answer a single contact; live it is a list (section 3, number 8).
_RECIPIENTS = "/accounts/{accountId}/categories/{categoryId}/contacts"


@pytest.fixture(scope="module")
def specification() -> dict[str, Any]:
    path = Path(os.environ.get("SWO_OPENAPI_CONTACTS") or _BESIDE)
    if not path.is_file():
        pytest.skip("the official specification is not here; SWO_OPENAPI_CONTACTS can name it")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    for name, members in _NEWER.items():
        schemas[name]["properties"].update(members)
    for schema in schemas.values():
        _flatten(schema, schemas)
    return document


def _flatten(schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Takes in what ``allOf`` refers to: the parts forbid each other's members, so that nothing could ever match.

    ``nullable`` is the dialect's own way to say that null is allowed.
    """
    for part in schema.pop("allOf", []):
        base = schemas[part["$ref"].rpartition("/")[2]]
        _flatten(base, schemas)
        schema["properties"] = {**base.get("properties", {}), **schema.get("properties", {})}
    for member in schema.get("properties", {}).values():
        if member.pop("nullable", False) and "type" in member:
            member["type"] = [member["type"], "null"]


def _schema_for(document: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any] | None:
    operation = document["paths"][_PREFIX + path][method]
    content = operation["responses"][str(status)].get("content")
    if content is None:
        return None
    schema: dict[str, Any] = content["application/json"]["schema"]
    if path == _RECIPIENTS and status == 200:
        schema = {"$ref": "#/components/schemas/ContactListResponse"}
    return {**schema, "components": document["components"]}


@pytest.mark.parametrize(
    ("kind", "error_shape"),
    # What is no error has no shape of one.
    [
        (kind, shape)
        for kind in ANSWERS
        for shape in ("E1", "E2", "E3", "E4")
        if shape == "E1" or ANSWERS[kind][2] >= 400
    ],
)
@pytest.mark.parametrize("null_mode", ["suppressed", "explicit"])
def test_answer_fits(specification: dict[str, Any], kind: str, null_mode: str, error_shape: str) -> None:
    path, method, status, send = ANSWERS[kind]
    api = Api(12, null_mode=null_mode, error_shape=error_shape)
    body = send(api)
    assert api.status == status
    schema = _schema_for(specification, path, method, status)
    if schema is None:
        assert body is None
    else:
        jsonschema.validate(_without_null_objects(body), schema)


def _without_null_objects(value: Any) -> Any:
    """The specification has no way to say that a ``$ref`` may be null, as ``user`` is with explicit nulls."""
    if isinstance(value, dict):
        return {
            name: _without_null_objects(item)
            for name, item in value.items()
            if not (item is None and name in ("user", "phone"))
        }
    return [_without_null_objects(item) for item in value] if isinstance(value, list) else value


def test_every_documented_operation_is_covered(specification: dict[str, Any]) -> None:
    documented = {
        (path.removeprefix(_PREFIX), method)
        for path, operations in specification["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert documented == {answer[:2] for answer in ANSWERS.values()}
