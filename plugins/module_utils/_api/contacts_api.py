# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The endpoints of notification contacts and categories (notifications-api section 3), and nothing above them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping
from urllib.parse import quote

from .._contacts.categories import Catalog, Category, category_from_api
from .._contacts.contact import Contact, contact_from_api
from .._contacts.email_address import canonical_email
from .._contacts.fields import CONTACT_FIELDS
from .._contacts.ids import is_safe_id
from .._errors import AmbiguousError, ApiError, InputError, InvalidAnswerError
from .._text import quoted
from . import rql
from .client import Client
from .pagination import Fetch, Listing, Page, page_from_api, read_all

CONTACTS = "/notifications/contacts"
CATEGORIES = "/notifications/categories"

_OPT_OUTS = CONTACT_FIELDS["opt_outs"].api_name
_AUDIT = "audit"
# What newer schemas leave out of lists unless asked; older ones do not know these names (notifications-api section 4).
_IDENTITY = "identity"
_DIRECTORIES = "directories"


@dataclass(frozen=True)
class ListRequest:
    """What a list is asked for; ``query`` and ``order`` are encoded, ``attempt`` is for error messages."""

    base: str
    query: str
    order: str
    fields: tuple[str, ...]
    newer_fields: tuple[str, ...]
    attempt: str

    def path(self, offset: int, limit: int) -> str:
        query = f"{self.query}&" if self.query else ""
        fields = ",".join(quote("+" + name, safe="") for name in self.fields + self.newer_fields)
        select = f"&select={fields}" if fields else ""
        return f"{self.base}?{query}order={self.order}{select}&limit={limit}&offset={offset}"

    def without_newer_fields(self) -> ListRequest:
        return replace(self, newer_fields=())


def contact_list_request(
    query: str, order: str, audit: bool, what: str, newer_fields: tuple[str, ...] = (_IDENTITY,)
) -> ListRequest:
    """Asks for contacts with their opt-outs."""
    fields = (_OPT_OUTS, _AUDIT) if audit else (_OPT_OUTS,)
    return ListRequest(CONTACTS, query, order, fields, newer_fields, f"list {what}")


class ContactsApi:
    """Typed calls; every returned contact is a :class:`Contact`, every error says what was attempted on whom.

    ``tries`` is how often a write was sent with this one: an error that ``may_be_sent_again`` is left to the caller.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._refuses_unknown_fields = False

    def get(self, contact_id: str) -> Contact | None:
        """One contact with its opt-outs; None if it does not exist or is deleted.

        :raises InputError: the id cannot be part of an address
        """
        path = "{}?select={}".format(_contact_path(contact_id), quote("+" + _OPT_OUTS, safe=""))
        try:
            data = self._client.get(path, f"read contact {contact_id}")
        except ApiError as error:
            if error.means_absent:
                return None
            raise
        contact = contact_from_api(data)
        if contact.id != contact_id:
            raise InvalidAnswerError(f"Asked for contact {contact_id}, the API sent {contact.id}.")
        return contact if contact.is_live else None

    def find(self, email: str) -> Contact | None:
        """The live contact with this address, compared without case.

        :raises AmbiguousError: several live contacts have it
        """
        key = canonical_email(email)
        what = f"contacts with the address {email}"
        query = rql.email_is("email", email)
        listing = self.search(query, what=what, newer_fields=(_IDENTITY, _DIRECTORIES))
        found = [contact for contact in listing.rows if contact.is_live and contact.key == key]
        if len(found) > 1:
            raise AmbiguousError(email, sorted(contact.id for contact in found))
        return found[0] if found else None

    def search(
        self,
        query: str = "",
        order: str = "id",
        limit: int | None = None,
        audit: bool = False,
        what: str = "contacts",
        newer_fields: tuple[str, ...] = (_IDENTITY,),
    ) -> Listing:
        """Contacts as a :class:`Listing`, read page after page to a provable end; deleted ones are included.

        :param query: a filter that is already encoded; empty for all
        :param order: a sort expression that is already encoded
        :param newer_fields: asked for where the server does not refuse what it does not know
        """
        list_request = contact_list_request(query, order, audit, what, newer_fields)
        return self.ask(list_request, lambda request: read_all(self.pages(request), limit, what))

    def ask(self, list_request: ListRequest, read: Callable[[ListRequest], Listing]) -> Listing:
        """The contacts that ``read`` lists, asked for with fewer fields where the server refuses unknown ones."""
        known = list_request.without_newer_fields()
        if not self._refuses_unknown_fields:
            try:
                return _contacts(read(list_request))
            except ApiError as error:
                if error.status != 400 or known == list_request:
                    raise
        listing = _contacts(read(known))
        self._refuses_unknown_fields = True
        return listing

    def pages(self, list_request: ListRequest) -> Fetch:
        """Fetches single pages of a list."""

        def fetch(offset: int, limit: int) -> Page:
            return page_from_api(self._client.get(list_request.path(offset, limit), list_request.attempt))

        return fetch

    def create(self, body: Mapping[str, Any], tries: int) -> Contact:
        """Create a contact; the answer's opt-outs may be missing."""
        attempt = "create contact {}".format(body["email"])
        key, data = canonical_email(body["email"]), self._client.write("POST", CONTACTS, body, attempt, tries)
        return self._written(data, attempt, lambda contact: contact.key == key)

    def update(self, contact_id: str, body: Mapping[str, Any], tries: int) -> None:
        """Replace e-mail address, name and opt-outs."""
        attempt = "update contact {} ({})".format(contact_id, body["email"])
        data = self._client.write("PUT", _contact_path(contact_id), body, attempt, tries)
        self._written(data, attempt, lambda contact: contact.id == contact_id)

    def block(self, contact: Contact, tries: int) -> None:
        """Stop all mail to a contact."""
        self._act(contact, "block", tries)

    def unblock(self, contact: Contact, tries: int) -> None:
        """Let a contact receive mail again."""
        self._act(contact, "unblock", tries)

    def delete(self, contact: Contact, tries: int) -> None:
        """Delete a contact."""
        attempt = f"delete contact {contact.id} ({contact.email})"
        self._client.write("DELETE", _contact_path(contact.id), None, attempt, tries)

    def categories(self, query: str = "", order: str = "id") -> list[Category]:
        """All notification categories that the token's account can see."""
        list_request = ListRequest(CATEGORIES, query, order, (), (), "list categories")
        return [category_from_api(row) for row in read_all(self.pages(list_request), None, "categories").rows]

    def catalog(self) -> Catalog:
        """The notification categories, to look names up."""
        return Catalog(self.categories())

    def account_of_token(self, token_id: str) -> tuple[str, str | None]:
        """The id and the name of the account that a token belongs to.

        Nothing else of the answer is kept: it holds the secret of the token (notifications-api section 2).
        """
        data = self._client.get(f"/accounts/api-tokens/{token_id}", f"read the account of token {token_id}")
        account = data.get("account") if isinstance(data, dict) else None
        account_id, name = (account.get("id"), account.get("name")) if isinstance(account, dict) else (None, None)
        if not isinstance(account_id, str) or not is_safe_id(account_id):
            raise InvalidAnswerError(f"The API sent token {token_id} without an account.")
        return account_id, name if isinstance(name, str) else None

    def _act(self, contact: Contact, action: str, tries: int) -> None:
        attempt = f"{action} contact {contact.id} ({contact.email})"
        path = f"{_contact_path(contact.id)}/{action}"
        data = self._client.write("POST", path, None, attempt, tries)
        self._written(data, attempt, lambda written: written.id == contact.id)

    @staticmethod
    def _written(data: Any, attempt: str, is_meant: Callable[[Contact], bool]) -> Contact:
        """The contact that a write answered with.

        :raises InvalidAnswerError: it is none, or another one: the write may or may not have been carried out
        """
        try:
            contact = contact_from_api(data)
        except InvalidAnswerError as error:
            error.attempt = attempt
            raise
        if not is_meant(contact):
            raise InvalidAnswerError("the API answered with another contact.", attempt=attempt)
        return contact


def _contacts(listing: Listing) -> Listing:
    return Listing([contact_from_api(row) for row in listing.rows], listing.total)


def _contact_path(contact_id: str) -> str:
    if not is_safe_id(contact_id):
        raise InputError(f"{quoted(contact_id)} cannot be the id of a contact.", "Ids look like CTT-1234-5678.")
    return f"{CONTACTS}/{contact_id}"
