# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The behaviours of the API that nobody has confirmed, as switches (notifications-api, section 16).

The first value of a switch is the default: the best guess from the evidence. A client has to work under every value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class SwitchError(ValueError):
    """An unknown switch or value; the message lists what is allowed."""


@dataclass(frozen=True)
class Switch:
    """One behaviour.

    ``values``: the tokens, default first. With ``number`` any other non-negative integer is allowed too, and the
    integers in ``values`` are merely those that the tests walk. With ``path`` any path starting with ``/`` is.
    """

    name: str
    values: tuple[str, ...]
    description: str
    number: bool = False
    path: bool = False

    @property
    def default(self) -> str:
        return self.values[0]

    def check(self, value: object) -> str:
        """The value as a token, or ``SwitchError``."""
        token = str(value)
        is_free = (self.number and token.isascii() and token.isdigit()) or (self.path and token.startswith("/"))
        if isinstance(value, (str, int)) and not isinstance(value, bool) and (token in self.values or is_free):
            return token
        allowed = ", ".join(self.values) + (", or any whole number" if self.number else "")
        raise SwitchError(f"switch {self.name}: {value!r} is not allowed; allowed: {allowed}")


_TABLE = (
    Switch("id_format", ("CTT-dddd-dddd", "CTT-dddd-dddd-dddd", "CON-dddd-dddd"), "form of the ids of new contacts"),
    Switch("schema", ("4.x", "5.x", "both"), "4.x: user, userId; 5.x: identity, revision, chat, directories"),
    Switch("email_unique", ("400", "409", "off", "201_existing"), "answer to a POST with the e-mail of a live contact"),
    Switch("email_case", ("preserve", "lower", "sensitive"), "kept and compared without case; lower-cased; exact"),
    Switch("email_change", ("allowed", "refused", "ignored", "refused_if_linked"), "PUT with another e-mail"),
    Switch("email_required_on_post", ("400", "accepted"), "POST without an e-mail"),
    Switch("link_user_by_email", ("on", "off"), "a contact shows the platform user that has its e-mail"),
    Switch("put_mode", ("partial", "replace", "email_required"), "what a member missing from a PUT means"),
    Switch("restricted_put", ("all", "400", "dropped"), "PUT by a restricted role that changes more than optOuts"),
    Switch("put_null_clears", ("yes", "ignored", "400"), "an explicit null for name or optOuts in a PUT"),
    Switch("optouts_in_list", ("omitted", "present"), "optOuts in lists without select"),
    Switch("optouts_in_write_response", ("full", "missing"), "optOuts in answers to POST, PUT, block, unblock"),
    Switch("optouts_item_shape", ("seed", "docs", "id"), "members of an optOuts item"),
    Switch("optouts_order", ("shuffled", "as_sent"), "order of optOuts: the server's own, or as it was sent"),
    Switch("optout_not_allowed", ("400", "dropped", "accepted"), "opting out of a category with optOutAllowed false"),
    Switch("optout_unpublished", ("400", "dropped", "accepted"), "opting out of an unpublished category"),
    Switch("optout_unknown", ("400", "404", "500"), "opting out of a category that does not exist"),
    Switch("category_delete_effect", ("removed", "dangling"), "optOuts that name a category just deleted"),
    Switch("deleted_visibility", ("hidden", "listed", "ops_only"), "who still reads deleted contacts"),
    Switch("deleted_email_reuse", ("new", "conflict", "revive"), "POST with the e-mail of a deleted contact"),
    Switch("delete_again", ("404", "400", "204"), "DELETE of a deleted contact"),
    Switch("block_when_blocked", ("400", "200"), "block of a blocked contact"),
    Switch("unblock_when_active", ("400", "200"), "unblock of an active contact"),
    Switch("subscriber_again", ("400", "200"), "enable of an active subscriber, disable of a disabled one"),
    Switch("recipient_unknown", ("400", "accepted"), "PUT subscriber with a user that does not exist"),
    Switch("block_body", ("ignored", "stored", "415"), "body of block: ignored; blockedReason kept; empty JSON: 415"),
    Switch("unblock_clears_reason", ("yes", "no"), "blockedReason after unblock"),
    Switch("auto_block", ("off", "1", "3"), "the first contact read n times is then blocked by the platform", True),
    Switch("missing_id_on_write", ("400", "404"), "PUT, block, unblock of an id that does not exist"),
    Switch("forbidden_mode", ("403", "404", "empty_list"), "how a role is refused; empty_list: it also reads nothing"),
    Switch("forbidden_roles", ("vendor_client", "client", "vendor", "all"), "roles that forbidden_mode applies to"),
    Switch("error_shape", ("E1", "E2", "E3", "E4", "mixed"), "JSON form of errors (section 13); mixed: by kind"),
    Switch("error_content_type", ("json", "problem+json"), "content type of JSON errors"),
    Switch("unauthorized_shape", ("text", "E1", "gateway", "empty"), "body of a 401; text has a reason of its own"),
    Switch("null_mode", ("suppressed", "explicit"), "null and empty members are left out, or written"),
    Switch("audit_in_list", ("omitted", "present"), "audit in lists without select"),
    Switch("audit_filter_without_select", ("works", "ignored", "400"), "filter or order by audit.* without select"),
    Switch("item_meta", ("none", "present"), "$meta on each row of a list"),
    Switch("default_limit", ("10", "1000"), "page size without limit"),
    Switch("max_limit", ("100", "100_error", "none"), "limit over 100: capped, 400, or served"),
    Switch("negative_page", ("empty", "default", "500"), "limit below 0: no rows, the default, 500; offset alike"),
    Switch("limit_echo", ("effective", "requested"), "$meta.pagination.limit after a cap"),
    Switch("total_null", ("off", "on"), "$meta.pagination.total is null"),
    Switch("unordered_lists", ("by_id", "shuffled"), "lists without order: by id, or new order per request"),
    Switch("page_drift", ("off", "on"), "after each page but the last one contact goes and one comes"),
    Switch("string_compare", ("insensitive", "sensitive"), "case in RQL string comparisons"),
    Switch("null_navigation", ("plain", "safe"), "ne and all where the path is null: the row is kept, or left out"),
    Switch("rql_strictness", ("faithful", "lenient"), "the library's quirks, or a forgiving parser"),
    Switch("rql_parser_error_status", ("400", "500"), "status of errors thrown by the RQL parser itself"),
    Switch("select_unknown", ("ignored", "400"), "select of a field that does not exist"),
    Switch("omitted_names", ("defaults", "unselected_too"), "$meta.omitted also names what select=-field took out"),
    Switch(
        "withheld",
        ("none", "optOuts_in_lists", "optOuts", "audit"),
        "a field that no select brings back, in lists or everywhere; $meta.omitted names it",
    ),
    Switch("select_minus_star", ("supported", "400"), "select=-*,..."),
    Switch("category_put_status", ("201", "200"), "status of PUT category"),
    Switch("account_category_contacts", ("list", "object", "array"), "form of accounts/{id}/categories/{id}/contacts"),
    Switch("streaming", ("off", "on"), "MPT-Streaming: true gives JSON lines, the header is echoed"),
    Switch("redirect_list", ("off", "on"), "lists answer 302 to a file on another host"),
    Switch(
        "faults",
        (
            "none",
            "429_seconds",
            "429_date",
            "429_bare",
            "500_problem",
            "502_html",
            "503_html",
            "504_html",
            "reset_before_commit",
            "reset_after_commit",
            "slow",
            "truncated_json",
            "200_html",
        ),
        "every third request fails so; finer control: fault rules",
    ),
    Switch("commit_then_fail", ("off", "on"), "POST contact creates, then answers 504"),
    Switch("read_after_write_lag", ("0", "200"), "milliseconds until reads see a write", True),
    Switch("token_lookup", ("200", "403", "404"), "GET of the token's own resource; 403, 404: no access management"),
    Switch("token_warmup", ("0", "60"), "seconds after start or reset during which every token gets 401", True),
    Switch("base_path", ("/public/v1", "/other/v1"), "the only prefix routed; all else: gateway 404", path=True),
    Switch("unknown_body_members", ("ignored", "400"), "members of a body that the API does not know"),
    Switch("revision", ("absent", "increments"), "revision on contacts and categories (always there in 5.x)"),
)

SWITCHES: dict[str, Switch] = {switch.name: switch for switch in _TABLE}


class SwitchSet:
    """The current value of every switch. ``generation`` grows with each change, so that caches can notice."""

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self._values = {name: switch.default for name, switch in SWITCHES.items()}
        self.generation = 0
        self.update(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def number(self, name: str) -> int:
        """The value of a numeric switch; ``off`` counts as 0."""
        value = self._values[name]
        return int(value) if value.isdigit() else 0

    def update(self, values: Mapping[str, object]) -> None:
        """Sets several switches, or none of them when one is wrong (``SwitchError``)."""
        checked: dict[str, str] = {}
        for name, value in values.items():
            if name not in SWITCHES:
                raise SwitchError(f"unknown switch {name!r}; known: {', '.join(SWITCHES)}")
            checked[name] = SWITCHES[name].check(value)
        self._values.update(checked)
        self.generation += 1

    def as_dict(self) -> dict[str, str]:
        return dict(self._values)
