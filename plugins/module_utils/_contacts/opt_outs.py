# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: which categories a contact should be opted out of, and which opt-outs are left to it or taken back."""

from __future__ import annotations

from .._errors import EntryError, InputError
from .applied import AppliedContact
from .categories import Catalog
from .contact import Contact
from .desired import DesiredContact


def desired_opt_outs(
    desired: DesiredContact, live: Contact | None, catalog: Catalog, given_back: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """The category ids that the contact should be opted out of; None where they are neither known nor managed."""
    if live is not None and not desired.manages_opt_outs:
        return live.opt_outs
    current = frozenset() if live is None else live.known_opt_outs
    listed = None if desired.opt_outs is None else _ids("opt_outs", desired.opt_outs, catalog)
    opt_ins = _ids("opt_ins", desired.opt_ins or (), catalog)
    if listed is not None and listed & opt_ins:
        names = ", ".join(repr(name) for name in names_of(listed & opt_ins, None, catalog))
        raise EntryError("opt_ins", f"opt_outs and opt_ins of {desired.label} both name {names}.")
    if listed is None or (live is not None and desired.opt_outs_mode == "on_create"):
        return current - opt_ins
    # Who opted out before nobody could any more stays so.
    refusals = catalog.refusals(listed - current)
    if refusals:
        raise EntryError("opt_outs", " ".join(refusals), "Remove it from opt_outs.")
    if desired.opt_outs_mode == "at_least":
        return (current | listed) - opt_ins - given_back
    return listed


def opt_outs_to_give_back(
    desired: DesiredContact, live: Contact, catalog: Catalog, applied: AppliedContact | None
) -> frozenset[str]:
    """The opt-outs that we added, and that are not listed any more; whatever else is there is a person's choice."""
    if applied is None or desired.opt_outs is None or desired.opt_outs_mode != "at_least":
        return frozenset()
    ours = (applied.added(live) & live.known_opt_outs) - _ids("opt_outs", desired.opt_outs, catalog)
    # A category that is gone from the platform cannot be read back.
    return frozenset(category_id for category_id in ours if catalog.name_of(category_id) is not None)


def names_of_kept(
    desired: DesiredContact, live: Contact, catalog: Catalog, given_back: frozenset[str]
) -> tuple[str, ...]:
    if desired.opt_outs is None or desired.opt_outs_mode != "at_least" or not live.opt_outs:
        return ()
    named = catalog.ids(desired.opt_outs) | {catalog.find(name).id for name in desired.opt_ins or ()}
    return tuple(names_of(live.opt_outs - named - given_back, live, catalog))


def names_of(ids: frozenset[str] | None, live: Contact | None, catalog: Catalog) -> list[str]:
    """Sorted category names, each of which means one category."""
    sent = live.category_names if live is not None else {}
    return sorted(catalog.label_of(category_id, sent) for category_id in ids or ())


def _ids(field_name: str, references: tuple[str, ...], catalog: Catalog) -> frozenset[str]:
    try:
        return catalog.ids(references)
    except InputError as error:
        raise EntryError(field_name, error.message, error.hint) from None
