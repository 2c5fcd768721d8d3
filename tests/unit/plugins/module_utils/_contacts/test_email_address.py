# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When two addresses are the same one, and what is no address at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.email_address import (
    canonical_email,
    email_problem,
)

SAME = {
    "upper and lower case": ("Ann@X.Example", "ann@x.example"),
    "spaces and line breaks around it": (" ann@x.example\r\n", "ann@x.example"),
    "a no-break space around it": ("\u00a0ann@x.example", "ann@x.example"),
    "a domain with an umlaut and its form in DNS": ("info@bücher.example", "info@xn--bcher-kva.example"),
    "a domain in upper case with an umlaut": ("info@BÜCHER.Example", "info@xn--bcher-kva.example"),
    "a domain in DNS form in upper case": ("info@XN--BCHER-KVA.example", "info@bücher.example"),
    "a Kelvin sign in the domain, which DNS maps to k": ("ann@\u212aelvin.example", "ann@kelvin.example"),
    "a domain with an ideographic full stop": ("ann@x\u3002example", "ann@x.example"),
}
DIFFERENT = {
    "a plus part": ("ann+ops@x.example", "ann@x.example"),
    "a Kelvin sign before the at sign": ("\u212aim@x.example", "kim@x.example"),
    "a dotted capital I": ("\u0130m@x.example", "im@x.example"),
    "a sharp s": ("strauß@x.example", "strauss@x.example"),
    "an umlaut in upper case before the at sign": ("Ü@x.example", "ü@x.example"),
    "composed and decomposed letters": ("\u00e9@x.example", "e\u0301@x.example"),
    "a full-width at sign": ("ann\uff20x.example", "ann@x.example"),
    "a full-width at sign in the domain": ("ann@b\uff20x.example", "ann@b@x.example"),
    "a trailing dot": ("ann@x.example.", "ann@x.example"),
    "a trailing dot behind an umlaut": ("ann@bücher.example.", "ann@bücher.example"),
    "a space inside": ("ann @x.example", "ann@x.example"),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_address(case: str) -> None:
    one, other = SAME[case]
    assert canonical_email(one) == canonical_email(other)


@pytest.mark.parametrize("case", DIFFERENT)
def test_another_address(case: str) -> None:
    one, other = DIFFERENT[case]
    assert canonical_email(one) != canonical_email(other)


@pytest.mark.parametrize("label", ["\u00fc" * 64, "xn--\u00fc", "\u00fc..a", "\ud800\u00fc"], ids=ascii)
def test_a_domain_that_dns_cannot_have_is_compared_as_given(label: str) -> None:
    assert canonical_email(f"A@{label}") == f"a@{label}"


ACCEPTED = [
    "ann@x.example",
    "Ann.Example@X.Example",
    "user+tag@x.example",
    "o'brien@x.example",
    "a&b=c@x.example",
    "a#b@x.example",
    "a%40b@x.example",
    "!#$%&'*+/=?^_`{|}~-@x.example",
    "name@localhost",
    "1@2.example",
    " ann@x.example ",
    "ü@bücher.example",
    "用户@例子.example",
    "x@" + ".".join(["a" * 60] * 4),
    "a" * (320 - len("@x.example")) + "@x.example",
]


@pytest.mark.parametrize("email", ACCEPTED, ids=ascii)
def test_an_address_is_accepted(email: str) -> None:
    assert email_problem(email) is None


REFUSED = {
    "": "is empty",
    "  \n": "is empty",
    "a" * (321 - len("@x.example")) + "@x.example": "longer than 320",
    "x" * 100_000: "longer than 320",
    "ann": "no name before or no domain",
    "@x.example": "no name before or no domain",
    "ann@": "no name before or no domain",
    "ann\uff20x.example": "no name before or no domain",
    'x"),ne(id,"@x.example': "before the at sign",
    "a)or(1@x.example": "before the at sign",
    "a;b@x.example": "before the at sign",
    "a,b@x.example": "before the at sign",
    '"q q"@x.example': "before the at sign",
    "a b@x.example": "before the at sign",
    ".a@x.example": "before the at sign",
    "a..b@x.example": "before the at sign",
    "a.@x.example": "before the at sign",
    "a@b@x.example": "before the at sign",
    "a\\b@x.example": "before the at sign",
    "<ann@x.example": "before the at sign",
    "ann\n@x.example": "before the at sign",
    "ann\x00@x.example": "before the at sign",
    "an\u200bn@x.example": "before the at sign",
    "an\u202en@x.example": "before the at sign",
    "an\u3000n@x.example": "before the at sign",
    "an\u00adn@x.example": "before the at sign",
    "an\ud800n@x.example": "before the at sign",
    "a@x\r\nX: y": "not a host name",
    "a@x.example/": "not a host name",
    "a@x_y.example": "not a host name",
    "a@-x.example": "not a host name",
    "a@x-.example": "not a host name",
    "a@x..example": "not a host name",
    "a@.x": "not a host name",
    "a@x.example.": "not a host name",
    "a@bücher.example.": "not a host name",
    "a@[127.0.0.1]": "not a host name",
    "a@x y": "not a host name",
    "a@b\u00a0c": "not a host name",
    "a@b\uff0fc": "not a host name",
    "a@\ud800": "not a host name",
    "a@" + "ü" * 70: "not a host name",
}


@pytest.mark.parametrize("email", REFUSED, ids=lambda email: ascii(email)[:40])
def test_what_is_no_address_is_refused(email: str) -> None:
    assert REFUSED[email] in (email_problem(email) or "")


TEXT = st.text(st.one_of(st.sampled_from("aA.@-x\u00fc\u00ad\u212a\uff20\u3002\u00a0 "), st.characters()), max_size=20)


@given(email=TEXT)
@example(email="a@b \u00ad")
@example(email="a@B\u00dc.example")
def test_the_canonical_form_is_its_own_canonical_form(email: str) -> None:
    once = canonical_email(email)
    assert canonical_email(once) == once


@given(email=TEXT)
def test_an_accepted_address_has_one_at_sign_and_a_domain_in_ascii(email: str) -> None:
    for text in (email, f"{email}@x.example", f"ann@{email}"):
        if email_problem(text) is None:
            local, domain = canonical_email(text).split("@")
            assert local
            assert domain.isascii()
            assert not any(char.isspace() for char in local + domain)
