# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The options of the modules, once: what a module declares and what an action plugin checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._api.connection import API_TOKEN_VARIABLES, API_URL_VARIABLES, DEFAULT_API_URL, first_set
from .._contacts.fields import CONTACT_FIELDS, ENTRY_FIELDS, Options, element_options, options
from .._contacts.scope import REPORT, RETIRE_AFTER, UNMANAGED
from .._report.effects import DRIFT, PLAN


def set_in_environment(*variables: str) -> str:
    """Fallback of an option: like ``env_fallback``, but a variable that is empty counts as not set.

    AAP injects an empty text for a credential field that was left blank.
    """
    value = first_set(variables)
    if value is None:
        raise AnsibleFallbackNotFound
    return value


CONNECTION: Options = {
    "api_url": {"type": "str", "default": DEFAULT_API_URL, "fallback": (set_in_environment, list(API_URL_VARIABLES))},
    "api_token": {
        "type": "str",
        # Not required here: a task without a token still has to write its report, and says better what to do.
        "no_log": True,
        "fallback": (set_in_environment, list(API_TOKEN_VARIABLES)),
    },
    "api_timeout": {"type": "int", "default": 30, "fallback": (set_in_environment, ["SWO_API_TIMEOUT"])},
    "validate_certs": {"type": "bool", "default": True, "fallback": (set_in_environment, ["SWO_VALIDATE_CERTS"])},
    "expect_account": {"type": "str", "fallback": (set_in_environment, ["SWO_EXPECT_ACCOUNT"])},
    "ca_path": {"type": "path", "fallback": (set_in_environment, ["SWO_CA_PATH"])},
}


@dataclass(frozen=True)
class Spec:
    """Everything that checks the options of one module; with ``connects``, the connection options are added."""

    options: Options
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    connects: bool = True

    def argument_spec(self) -> dict[str, dict[str, Any]]:
        options = {**CONNECTION, **self.options} if self.connects else self.options
        return {name: dict(option) for name, option in options.items()}

    def module_arguments(self) -> dict[str, Any]:
        """Keyword arguments for ``AnsibleModule``."""
        return {
            "argument_spec": self.argument_spec(),
            "required_one_of": [list(names) for names in self.required_one_of],
            "mutually_exclusive": [list(names) for names in self.mutually_exclusive],
            "supports_check_mode": True,
        }


SWO_CONTACT = Spec(options(CONTACT_FIELDS), required_one_of=[("id", "email")])

# An empty list means this, too: a variable that turned out empty must not lift the limit.
MAX_REMOVALS = ["10", "10%"]

SWO_CONTACTS = Spec(
    {
        "contacts": {"type": "list", "elements": "dict", "options": element_options(ENTRY_FIELDS)},
        "src": {"type": "list", "elements": "path"},
        "account_name": {"type": "str"},
        "error": {"type": "str"},
        "only": {"type": "list", "elements": "str"},
        "view": {"type": "str", "choices": [PLAN, DRIFT], "default": PLAN},
        "unmanaged": {"type": "str", "choices": list(UNMANAGED), "default": REPORT},
        "scope": {
            "type": "dict",
            "options": {
                "emails": {"type": "list", "elements": "str"},
                "exclude": {"type": "list", "elements": "str"},
                "linked": {"type": "bool", "default": False},
            },
        },
        "retire_after": {"type": "int", "default": RETIRE_AFTER},
        "applied_file": {"type": "path"},
        "adopt_file": {"type": "path"},
        "on_conflict": {"type": "str", "choices": ["fail", "git"], "default": "fail"},
        "max_removals": {"type": "list", "elements": "str", "default": MAX_REMOVALS},
        "max_changes": {"type": "list", "elements": "str"},
        "concurrency": {"type": "int", "default": 8},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "expect_plan": {"type": "str"},
        "snapshot": {"type": "path"},
        "undo_file": {"type": "path"},
        "reports": {"type": "list", "elements": "path"},
        "report_privacy": {"type": "str", "choices": ["full", "masked"]},
        "return_unchanged": {"type": "bool", "default": False},
        "audit": {"type": "bool", "default": False},
    },
    required_one_of=[("contacts", "src", "error")],
)

SWO_CONTACT_INFO = Spec(
    {
        "id": {"type": "str"},
        "email": {"type": "str"},
        "status": {"type": "str", "choices": ["active", "blocked", "deleted"]},
        "name": {"type": "str"},
        "email_like": {"type": "str"},
        "opted_out_of": {"type": "str"},
        "not_opted_out_of": {"type": "str"},
        "linked": {"type": "bool"},
        "rql": {"type": "str"},
        "order": {"type": "str", "default": "id"},
        "limit": {"type": "int"},
        "audit": {"type": "bool", "default": False},
    },
    mutually_exclusive=[("id", "email"), ("id", "rql")],
)

SWO_CATEGORY_INFO = Spec(
    {
        "id": {"type": "str"},
        "name": {"type": "str"},
        "status": {"type": "str", "choices": ["published", "unpublished"]},
        "opt_out_allowed": {"type": "bool"},
    },
    mutually_exclusive=[("id", "name")],
)

SWO_CONTACT_FILES_INFO = Spec(
    {
        "src": {"type": "list", "elements": "path"},
        "email": {"type": "str"},
        "live": {"type": "list", "elements": "dict"},
        "account_name": {"type": "str"},
        "error": {"type": "str"},
        "reports": {"type": "list", "elements": "path"},
        "report_privacy": {"type": "str", "choices": ["full", "masked"]},
    },
    required_one_of=[("src", "error")],
    connects=False,
)

SWO_CONTACTS_EXPORT = Spec(
    {
        "dest": {"type": "path", "required": True},
        "split": {"type": "str", "choices": ["none", "domain"], "default": "none"},
        "force": {"type": "bool", "default": False},
        "backup": {"type": "bool", "default": False},
        "categories_dest": {"type": "path"},
        "snapshot_dest": {"type": "path"},
    }
)

SWO_CONTACTS_OVERVIEW = Spec(
    {
        "accounts": {"type": "dict", "required": True},
        "dest": {"type": "list", "elements": "path", "required": True},
        "view": {"type": "str", "choices": [PLAN, DRIFT], "default": PLAN},
        "report_privacy": {"type": "str", "choices": ["full", "masked"]},
    },
    connects=False,
)
