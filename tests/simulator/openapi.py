# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``openapi.json`` says: the build, and the operations served (notifications-api, section 1)."""

from __future__ import annotations

from collections.abc import Iterable

from tests.simulator.model import JsonObject

_VERSION = "5.0.5243-simulator"


def document(operations: Iterable[tuple[str, tuple[str, ...]]]) -> JsonObject:
    """``operations``: method and path in segments, ids as ``*``."""
    paths: JsonObject = {}
    for method, shape in operations:
        operation = {"responses": {"default": {"description": "See the documentation."}}}
        paths.setdefault(_template(shape), {})[method.lower()] = operation
    return {"openapi": "3.0.1", "info": {"title": "SoftwareOne Marketplace", "version": _VERSION}, "paths": paths}


def _template(shape: tuple[str, ...]) -> str:
    names = iter(("accountId", "categoryId") if shape.count("*") > 1 else ("id",))
    return "/public/v1/" + "/".join(f"{{{next(names)}}}" if segment == "*" else segment for segment in shape)
