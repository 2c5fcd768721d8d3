# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes schemas/contacts.schema.json from the description of the fields; --check only compares."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.fields import FILE_FIELDS, Field
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.check import contact_file_schema
from tests.tools.devtree import ROOT

FILE = ROOT / "schemas" / "contacts.schema.json"
ADDRESS = (
    "https://raw.githubusercontent.com/softwareone-platform/ansible-collection-marketplace/main/schemas/"
    "contacts.schema.json"
)
PARTS = {
    "$schema": ("Schema", "The address of this schema, for editors."),
    "defaults": ("Defaults", "Fields for each contact of this file that does not set them, by profile or itself."),
    "profiles": ("Profiles", "Named groups of fields, usable in every file that is read together with this one."),
    "contacts": ("Contacts", "The contacts. Each needs email or id."),
    "coverage": ("Coverage", "Contracts on who must not be opted out. A plan that breaks one is refused."),
    "categories": ("Categories", "The catalogue of notification categories, written and renewed by an export."),
}
# What is in the parts that are no contacts.
OTHERS = {
    "contract": (
        "Contract",
        "One contract: a category and one of at_least, include and opted_out_at_most. Active contacts count.",
        {
            "category": "Name or id of a category; * stands for each published one.",
            "at_least": "At least so many contacts are not opted out.",
            "among": "Patterns of e-mail addresses; only these count for at_least. Left out: everybody.",
            "include": "E-mail addresses of contacts that are active and not opted out.",
            "opted_out_at_most": "At most so many active contacts are opted out.",
            "reason": "Why, for people. It appears in messages and reports.",
        },
    ),
    "category": (
        "Category",
        "One notification category of the platform.",
        {
            "id": "The id.",
            "name": "The name.",
            "opt_out_allowed": "Whether contacts can opt out of it.",
            "status": "The status. Left out: Published.",
        },
    ),
}
_MARKUP = re.compile(r"\b(?:RV|[BCIOV])\(([^)]*)\)")


def document() -> dict[str, Any]:
    """The schema of the modules with all that an editor can show."""
    schema = contact_file_schema()
    whole = {
        "$schema": schema.pop("$schema"),
        "$id": ADDRESS,
        "title": "Notification contacts",
        "description": "A contact file of the Ansible collection softwareone.marketplace.",
        **schema,
    }
    for name, (title, description) in PARTS.items():
        part = schema["properties"][name]
        schema["properties"][name] = {"title": title, "description": description, **part}
    definitions = schema["$defs"]
    _describe(definitions["contact"], "Contact", "One contact; it needs email or id. What is left out is not managed.")
    _describe(definitions["shared"], "Shared fields", "What defaults and profiles can set.")
    for name, (title, description, texts) in OTHERS.items():
        part = definitions[name]
        for key, text_of_key in texts.items():
            added = {"title": key.replace("_", " ").capitalize(), "description": text_of_key}
            part["properties"][key] = {**added, **part["properties"][key]}
        part.update({"title": title, "description": description, **part})
    return whole


def _describe(part: dict[str, Any], title: str, description: str) -> None:
    for name, schema in part["properties"].items():
        field = FILE_FIELDS[name]
        added: dict[str, Any] = {"title": name.replace("_", " ").capitalize(), "description": described(field)}
        if field.choices:
            added["default"] = field.choices[0]
        if field.examples:
            added["examples"] = list(field.examples)
        part["properties"][name] = {**added, **schema}
    part.update({"title": title, "description": description, **part})


def described(field: Field) -> str:
    """What is said of a field, without Ansible's markup."""
    return plain(" ".join(field.paragraphs))


def plain(text: str) -> str:
    """A description without Ansible's markup."""
    return _MARKUP.sub(lambda match: match.group(1).replace("=", ": "), text)


def text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is out of date")
    if parser.parse_args().check:
        if FILE.read_text(encoding="utf-8") != text():
            print(f"{FILE.name} is out of date: python -m tests.tools.contact_schema")
            return 1
        return 0
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
