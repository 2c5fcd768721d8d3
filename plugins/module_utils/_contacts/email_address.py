# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what an e-mail address is and when two of them are the same one."""

from __future__ import annotations

import contextlib
import re
import string

from .._text import JOINERS, UNSAFE

MAX_LENGTH = 320
_MAX_DOMAIN_LENGTH = 255

# Only ASCII letters are folded: str.lower() would make the Kelvin sign equal to the letter k.
_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\ud7ff\uf900-\U0010ffff-]"
_LOCAL = re.compile(f"{_ATEXT}+(?:[.]{_ATEXT}+)*")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:[.][a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_DECEPTIVE = re.compile(rf"[{UNSAFE}{JOINERS}\s]")


def canonical_email(email: str) -> str:
    """The form in which two addresses are compared: no outer spaces, ASCII lower case, the domain as DNS has it."""
    text = email.strip()
    if text.isascii():
        return text.lower()
    local, at, domain = text.translate(_FOLD).rpartition("@")
    return local + at + _ascii_domain(domain)


def spellings(email: str) -> list[str]:
    """The forms in which a server may have stored an address: as given, and with the domain in its other form."""
    text = email.strip()
    local, at, domain = text.rpartition("@")
    forms = {domain.translate(_FOLD): domain}
    forms.setdefault(_ascii_domain(domain).translate(_FOLD), _ascii_domain(domain))
    with contextlib.suppress(UnicodeError):
        unicode_domain = domain.encode("ascii").decode("idna")
        forms.setdefault(unicode_domain.translate(_FOLD), unicode_domain)
    return [local + at + form for form in forms.values()]


def email_problem(email: str) -> str | None:
    """Why ``email`` cannot be the address of a contact, or None if it can.

    The form is RFC 5322's dot-atom, with letters of any script before the at sign (RFC 6531). Quoted local parts are
    not accepted: the platform's filter language cannot express all of them.
    """
    text = email.strip()
    local, at, domain = canonical_email(text).rpartition("@")
    if not text:
        return "is empty"
    if len(text) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters"
    if not at or not local or not domain:
        return "has no name before or no domain behind an at sign"
    if not _LOCAL.fullmatch(local) or _DECEPTIVE.search(local):
        return "has characters that are not allowed before the at sign"
    if not _DOMAIN.fullmatch(domain):
        return "has a domain that is not a host name"
    return None


def _ascii_domain(domain: str) -> str:
    """The domain as DNS has it (A-labels), or as given where it has no such form."""
    if len(domain) > _MAX_DOMAIN_LENGTH:
        return domain
    try:
        converted = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain
    # The conversion also turns look-alikes into ASCII, an at sign or a space among them.
    return converted if _DOMAIN.fullmatch(converted) else domain
