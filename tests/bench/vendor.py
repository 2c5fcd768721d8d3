# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same with SoftwareOne's own client, in the Python that has it: its iterator over pages, one write after another.

Argument: the contacts as JSON, because the client's environment has no reader of YAML.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import json
import os
import sys
from typing import Any

from mpt_api_client import BearerTokenAuthentication, MPTClient


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = json.load(file)
    bearer = BearerTokenAuthentication(os.environ["SWO_API_TOKEN"])
    notifications = MPTClient.from_config(bearer, os.environ["SWO_API_URL"]).notifications
    ids = {row["name"]: row["id"] for row in rows(notifications.categories)}
    live = {row["email"].lower(): row for row in rows(notifications.contacts.select("+optOuts"))}
    writes = 0
    for each in wanted:
        opt_outs = {ids[name] for name in each["opt_outs"]}
        body = {"email": each["email"], "name": each["name"], "optOuts": [{"id": item} for item in sorted(opt_outs)]}
        found = live.get(each["email"].lower())
        if found is None:
            notifications.contacts.create(body)
        elif found["name"] != each["name"] or {item["id"] for item in found.get("optOuts") or ()} != opt_outs:
            notifications.contacts.update(found["id"], body)
        else:
            continue
        writes += 1
    return writes


def rows(collection: Any) -> list[dict[str, Any]]:
    return [row.to_dict() for row in collection.iterate(batch_size=100)]


if __name__ == "__main__":
    print(main())
