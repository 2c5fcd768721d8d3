# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeded mistakes: each replaces one piece of the product by another.

``tests`` are the files that have to notice it, cheapest first. A piece that is not found exactly once is an error, so
that a mistake goes with the code that it was made for.
"""

from __future__ import annotations

from dataclasses import dataclass

_UTILS = "plugins/module_utils/"
_ROOMS = "tests/unit/plugins/module_utils/"
_MODULES = "tests/unit/plugins/modules/"


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The file with the mistake in it.

        :raises ValueError: the piece is not there, or more than once
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} has the piece {text.count(self.old)} times")
        return text.replace(self.old, self.new)


def _room(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    """A mistake in a file of module_utils."""
    return Mutant(name, _UTILS + file, old, new, tests)


MUTANTS = (
    _room(
        "take the contact of another id for the one asked for",
        "_api/contacts_api.py",
        '        if contact.id != contact_id:\n            raise InvalidAnswerError(f"Asked for contact',
        '        if False:\n            raise InvalidAnswerError(f"Asked for contact',
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "believe the address of a created contact",
        "_api/contacts_api.py",
        '        if created.key != canonical_email(body["email"]):',
        "        if False:",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "believe the id that a write answers with",
        "_api/contacts_api.py",
        "        if contact_id is not None and contact.id != contact_id:",
        "        if False:",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "find one of two contacts with an address",
        "_api/contacts_api.py",
        "        if len(found) > 1:\n            raise AmbiguousError(email, sorted(contact.id for contact in found))",
        "        if len(found) > 9:\n            raise AmbiguousError(email, sorted(contact.id for contact in found))",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "find whatever the filter returns",
        "_api/contacts_api.py",
        "if contact.is_live and contact.key == key]",
        "if contact.is_live]",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "see a deleted contact as a live one",
        "_contacts/contact.py",
        "        return self.status != DELETED",
        "        return True",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "compare addresses with regard to case",
        "_contacts/email_address.py",
        "    if text.isascii():\n        return text.lower()",
        "    if text.isascii():\n        return text",
        _ROOMS + "_contacts/test_email_address.py",
    ),
    _room(
        "call one contact declared twice two contacts",
        "_contacts/set_plan.py",
        "    if contact.id in claimed:",
        "    if False:",
        _MODULES + "test_swo_contacts_states.py",
    ),
    _room(
        "pick the first of several contacts with an address",
        "_contacts/set_plan.py",
        "        found = self._by_key.get(canonical_email(email), [])\n        if len(found) > 1:",
        "        found = self._by_key.get(canonical_email(email), [])\n        if False:",
        _MODULES + "test_swo_contacts_states.py",
    ),
    _room(
        "give an address that another contact has",
        "_contacts/plan.py",
        "    if other is not None and other.id != live.id:",
        "    if False:",
        _MODULES + "test_swo_contacts_states.py",
    ),
    _room(
        "send no opt-outs where they are not known",
        "_contacts/plan.py",
        "_references(after.known_opt_outs)",
        "_references(after.opt_outs)",
        _ROOMS + "_contacts/test_plan.py",
        _MODULES + "test_swo_contacts_moved.py",
    ),
    _room(
        "take opt-outs that were left out for none",
        "_contacts/contact.py",
        "return (None if _OPT_OUTS in omitted else frozenset()), {}",
        "return frozenset(), {}",
        _ROOMS + "_contacts/test_contact.py",
    ),
    _room(
        "take opt-outs away under at_least",
        "_contacts/plan.py",
        "        return (current | listed) - opt_ins",
        "        return listed - opt_ins",
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "take opt-outs away under on_create",
        "_contacts/plan.py",
        '    if listed is None or (live is not None and desired.opt_outs_mode == "on_create"):',
        "    if listed is None:",
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "lose the members of a newer schema",
        "_contacts/plan.py",
        "    body: dict[str, Any] = dict(live.kept)",
        "    body: dict[str, Any] = {}",
        _MODULES + "test_swo_contact_fields.py",
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "clear a name with null",
        "_contacts/plan.py",
        '        body[_NAME] = after.name or ""',
        "        body[_NAME] = after.name",
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "lift a block of the platform",
        "_contacts/plan.py",
        '(desired.unblock == "auto" and live.blocked_reason is None)',
        'desired.unblock == "auto"',
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "change the name that no file gives",
        "_contacts/plan.py",
        '    if desired.name is None or desired.name == (live.name or "").strip():',
        '    if desired.name == (live.name or "").strip():',
        _ROOMS + "_contacts/test_plan.py",
        _MODULES + "test_swo_contact_fields.py",
    ),
    _room(
        "refuse an opt-out that is there already",
        "_contacts/plan.py",
        "    refusals = catalog.refusals(listed - current)",
        "    refusals = catalog.refusals(listed)",
        _ROOMS + "_contacts/test_plan.py",
    ),
    _room(
        "export opt-outs as the only ones",
        "_files/export.py",
        '_DEFAULTS = {"opt_outs_mode": "at_least"}',
        '_DEFAULTS = {"opt_outs_mode": "exact"}',
        _ROOMS + "_files/test_export.py",
        _MODULES + "test_swo_contacts_export.py",
    ),
    _room(
        "overwrite what somebody wrote by hand",
        "_files/export.py",
        "    if found is None:\n        return not content.strip()",
        "    if found is None:\n        return True",
        _ROOMS + "_files/test_export.py",
        _MODULES + "test_swo_contacts_export.py",
    ),
    _room(
        "remove contacts of platform users",
        "_contacts/set_plan.py",
        "(self.linked or contact.linked is False)",
        "True",
        _MODULES + "test_swo_contacts_removal.py",
    ),
    _room(
        "remove whom the API does not tell about",
        "_contacts/set_plan.py",
        "(self.linked or contact.linked is False)",
        "(self.linked or not contact.linked)",
        _MODULES + "test_swo_contacts_removal.py",
    ),
    _room(
        "remove everybody where nobody is desired",
        "_contacts/set_plan.py",
        "        if self.removes and not desired:",
        "        if False:",
        _MODULES + "test_swo_contacts_removal.py",
    ),
    _room(
        "round a limit up",
        "_contacts/set_plan.py",
        "    return live * int(value[:-1]) // 100 if",
        "    return -(-live * int(value[:-1]) // 100) if",
        _ROOMS + "_contacts/test_set_plan_limits.py",
    ),
    _room(
        "take the mildest of several limits",
        "_contacts/set_plan.py",
        "        return min(_number(value, live)",
        "        return max(_number(value, live)",
        _ROOMS + "_contacts/test_set_plan_limits.py",
    ),
    _room(
        "count only desired changes",
        "_contacts/set_plan.py",
        "        return sum(1 for item in self.pending if not item.creates)",
        "        return sum(1 for item in self.pending if not item.creates and not item.is_removal)",
        _MODULES + "test_swo_contacts_removal.py",
        _ROOMS + "_contacts/test_set_plan_limits.py",
    ),
    _room(
        "remove while an entry cannot be planned",
        "_contacts/set_plan.py",
        "    is_sure = all(item.failure is None for item in items)",
        "    is_sure = True",
        _MODULES + "test_swo_contacts_failures.py",
    ),
    _room(
        "remove outside of the scope",
        "_contacts/set_plan.py",
        "        if _fits(contact, self.exclude):\n            return False",
        "",
        _MODULES + "test_swo_contacts_removal.py",
        _ROOMS + "_contacts/test_set_plan_scope.py",
    ),
    _room(
        "take an empty scope for everybody",
        "_contacts/set_plan.py",
        'emails=None if scope.get("emails") is None else',
        'emails=None if not scope.get("emails") else',
        _ROOMS + "_contacts/test_set_plan_scope.py",
        _MODULES + "test_swo_contacts_removal.py",
    ),
    _room(
        "remove those whom `only` left out",
        "_contacts/set_plan.py",
        'params["unmanaged"] if params.get("only") is None else IGNORE',
        'params["unmanaged"]',
        _MODULES + "test_swo_contacts_only.py",
    ),
    _room(
        "delete although something failed",
        "_apply/apply_set.py",
        "        if self._stop_condition.reason is None and (plan",
        "        if False and (plan",
        _MODULES + "test_swo_contacts_failures.py",
    ),
    _room(
        "leave opt-outs out of the hash",
        "_contacts/plan.py",
        "            sorted(after - before),\n            sorted(before - after),\n        ]",
        "        ]",
        _MODULES + "test_swo_contacts_plan.py",
    ),
    _room(
        "leave values out of the hash",
        "_contacts/plan.py",
        "            values,\n",
        "",
        _MODULES + "test_swo_contacts_plan.py",
    ),
    _room(
        "drop the last page",
        "_api/pagination.py",
        "    for page in fetch_many([(offset, size) for offset in offsets]):",
        "    for page in fetch_many([(offset, size) for offset in offsets][:-1] or [(offsets[0], size)]):",
        _ROOMS + "_api/test_pagination.py",
        _MODULES + "test_lists_that_lie.py",
    ),
    _room(
        "believe a total that fits the first page",
        "_api/pagination.py",
        "        if not at and limit is None:\n            _look_behind(page, fetch)\n",
        "",
        _ROOMS + "_api/test_pagination.py",
        _MODULES + "test_lists_that_lie.py",
    ),
    _room(
        "keep rows that came twice",
        "_api/pagination.py",
        "        if len(set(ids)) != len(ids) or not self._ids.isdisjoint(ids):",
        "        if False:",
        _ROOMS + "_api/test_pagination.py",
    ),
    _room(
        "take fewer rows than the total",
        "_api/pagination.py",
        "        if total is not None and len(self.rows) != total:",
        "        if False:",
        _ROOMS + "_api/test_pagination.py",
    ),
    _room(
        "follow the page size that was asked for",
        "_api/pagination.py",
        "    offsets = range(len(found.rows) - overlap, total - overlap, step)",
        "    offsets = range(PAGE_SIZE - overlap, total - overlap, step)",
        _ROOMS + "_api/test_pagination.py",
        _MODULES + "test_swo_contact_info.py",
    ),
    _room(
        "read a million rows",
        "_api/pagination.py",
        "    if total is not None and total > MAX_ROWS:",
        "    if False:",
        _ROOMS + "_api/test_pagination.py",
        _MODULES + "test_lists_that_lie.py",
    ),
    _room(
        "overlook rows between two pages",
        "_api/pagination.py",
        "        if overlap and (not rows or _id(rows[0]) != _id(self.rows[-1])):",
        "        if False:",
        _ROOMS + "_api/test_pagination.py",
    ),
    _room(
        "overlook that a part of a query was ignored",
        "_api/pagination.py",
        '    if meta.get("ignored"):',
        "    if False:",
        _ROOMS + "_api/test_pagination.py",
        _MODULES + "test_swo_contact_info.py",
    ),
    _room(
        "create whom a stale list left out",
        "_api/bulk.py",
        "        if not found:\n            return live\n",
        "        return live\n",
        _MODULES + "test_swo_contacts_removal.py",
        _MODULES + "test_swo_contacts_failures.py",
        _ROOMS + "_api/test_bulk_read_live.py",
    ),
    _room(
        "put a filter together without quoting",
        "_api/rql.py",
        "    return _encoded(mark + value + mark)",
        "    return mark + value + mark",
        _ROOMS + "_api/test_rql.py",
    ),
    _room(
        "take the 404 of a proxy for absent",
        "_errors.py",
        "        return self.status == 404 and self.is_problem",
        "        return self.status == 404",
        _MODULES + "test_writes_answered_wrongly.py",
    ),
    _room(
        "take a refusal for absent",
        "_errors.py",
        "        return self.status == 404 and self.is_problem",
        "        return self.status in (403, 404) and self.is_problem",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "send a write again without a look",
        "_api/client.py",
        '                if method != "GET" and isinstance(error, ApiError):',
        "                if False:",
        _MODULES + "test_writes_answered_wrongly.py",
    ),
    _room(
        "send a lost write again",
        "_api/retry.py",
        '    if method != "GET":\n        return False\n',
        "",
        _ROOMS + "_api/test_retry_policy.py",
        _MODULES + "test_swo_contact_faults.py",
    ),
    _room(
        "wait as long as a server likes",
        "_api/retry.py",
        "            if asked is not None and asked > MAX_RETRY_AFTER:",
        "            if False:",
        _ROOMS + "_api/test_retry_policy.py",
        _MODULES + "test_swo_contact_faults.py",
    ),
    _room(
        "let each worker storm a throttled server",
        "_api/retry.py",
        "            self._throttle(delay)",
        "            self.sleep(delay)",
        _ROOMS + "_api/test_retry_policy.py",
        _MODULES + "test_swo_contacts_failures.py",
    ),
    _room(
        "retry without end of the quota",
        "_api/retry.py",
        "            if self._quota < cost:",
        "            if False:",
        _ROOMS + "_api/test_retry_policy.py",
        _MODULES + "test_swo_contacts_failures.py",
    ),
    _room(
        "write in check mode",
        "_run/task.py",
        "read_only=self.check_mode)",
        "read_only=False)",
        _ROOMS + "_api/test_contacts_api.py",
    ),
    _room(
        "keep what comes behind an early answer",
        "_api/transport.py",
        "            if answer.status_code < 200:",
        "            if False:",
        _ROOMS + "_api/test_transport.py",
    ),
    _room(
        "accept a body that was cut short",
        "_api/transport.py",
        "    if length.isdigit() and int(length) != len(body):",
        "    if False:",
        _ROOMS + "_api/test_transport.py",
    ),
    _room(
        "inflate without bound",
        "_api/transport.py",
        "        data = inflater.decompress(body, limit)",
        "        data = inflater.decompress(body)",
        _ROOMS + "_api/test_transport.py",
    ),
    _room(
        "wait for a server that drips",
        "_api/deadline.py",
        "                    _shut_down(self._socket)",
        "                    pass",
        _ROOMS + "_api/test_transport.py",
    ),
    _room(
        "send the token over plain http",
        "_api/connection.py",
        '    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):',
        '    if parts.scheme not in ("https", "http"):',
        _ROOMS + "_api/test_connection.py",
    ),
    _room(
        "use a token of another account",
        "_api/account.py",
        '    if account["id"] != expected:',
        "    if False:",
        _MODULES + "test_account.py",
    ),
    _room(
        "show raw text",
        "_text.py",
        "    return _UNSAFE.sub(_escape, text)\n",
        "    return text\n",
        _ROOMS + "test_text.py",
    ),
    _room(
        "show right-to-left marks",
        "_text.py",
        "UNSAFE = CONTROLS + LINE_BREAKS + BIDI + INVISIBLE",
        "UNSAFE = CONTROLS + LINE_BREAKS + INVISIBLE",
        _ROOMS + "test_text.py",
    ),
    _room(
        "show the beginning of a token",
        "_text.py",
        "        return self._without_parts(text)",
        "        return text",
        _ROOMS + "test_text.py",
        _MODULES + "test_writes_answered_wrongly.py",
    ),
    _room(
        "show runs of a token that begin elsewhere",
        "_text.py",
        "_STRIDE = SHORTEST_SECRET - _PIECE + 1",
        "_STRIDE = SHORTEST_SECRET",
        _ROOMS + "test_text.py",
    ),
    _room(
        "quote the text of a library",
        "_api/transport.py",
        '    return AnswerLostError(f"The connection to {host} broke before the answer arrived.")',
        '    return AnswerLostError(f"The connection to {host} broke: {error}")',
        _ROOMS + "_api/test_transport.py",
    ),
    _room(
        "mask people as one",
        "_text.py",
        '        return f"{STARS}{number}"',
        "        return STARS",
        _ROOMS + "_report/test_mask.py",
    ),
    _room(
        "leave a report half written",
        "_atomic.py",
        "    except BaseException:\n        os.unlink(draft)\n        raise",
        "    except BaseException:\n        raise",
        _ROOMS + "test_atomic.py",
    ),
    _room(
        "let everybody read an undo file",
        "_atomic.py",
        "    if private:\n        return 0o600\n",
        "",
        _MODULES + "test_swo_contacts_undo.py",
    ),
    _room(
        "replace the way back of an earlier run",
        "_files/undo.py",
        "                self._earlier = keep_earlier(self._path)\n",
        "",
        _MODULES + "test_swo_contacts_undo.py",
    ),
    _room(
        "write the way back after the write",
        "_files/undo.py",
        "        with self._lock, self._writing():\n            is_new = key not in self._parts",
        "        with self._lock, self._writing():\n"
        "            if not self._parts:\n"
        "                self._parts[key] = self._part(key, plan)\n"
        "                return\n"
        "            is_new = key not in self._parts",
        _MODULES + "test_swo_contacts_undo.py",
        _MODULES + "test_swo_contacts_crash.py",
    ),
    _room(
        "take a file that src reads for a report",
        "_run/outputs.py",
        "if real in files and not holds_report(real):",
        "if False:",
        _MODULES + "test_account.py",
    ),
    _room(
        "quote what was encrypted",
        "_files/documents.py",
        "        if self.is_encrypted:",
        "        if False:",
        _MODULES + "test_swo_contact_files_info.py",
    ),
    _room(
        "let a file name end the property of an annotation",
        "_report/faults.py",
        '":": "%3A", ",": "%2C"',
        '":": "%3A"',
        _ROOMS + "_report/test_faults.py",
    ),
    _room(
        "go on where nobody waits",
        "_run/signals.py",
        "            signal.pthread_kill(main, _WAKE_UP)\n",
        "            pass\n",
        "tests/integration/test_interrupts.py",
    ),
)
