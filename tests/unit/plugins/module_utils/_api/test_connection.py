# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options: what is accepted, what is refused, and that no refusal shows a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import (
    API_TOKEN_VARIABLES,
    API_URL_VARIABLES,
    DEFAULT_API_URL,
    Connection,
    connection_from,
    normal_api_url,
    normal_token,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import ConfigError

TOKEN = "idt:TKN-1111-2222:0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*API_URL_VARIABLES, *API_TOKEN_VARIABLES):
        monkeypatch.delenv(name, raising=False)


def connect(**options: Any) -> Connection:
    return connection_from(
        {"api_url": None, "api_token": TOKEN, "api_timeout": 30, "validate_certs": True, "ca_path": None, **options}
    )


URLS = {
    "api.platform.softwareone.com": DEFAULT_API_URL,
    "https://api.platform.softwareone.com": DEFAULT_API_URL,
    "https://api.platform.softwareone.com/": DEFAULT_API_URL,
    "https://api.platform.softwareone.com/public": DEFAULT_API_URL,
    "https://api.platform.softwareone.com/public/": DEFAULT_API_URL,
    "https://api.platform.softwareone.com/public/v1": DEFAULT_API_URL,
    "https://api.platform.softwareone.com/public/v1//": DEFAULT_API_URL,
    " HTTPS://API.Platform.SoftwareOne.com/public/v1\n": DEFAULT_API_URL,
    "https://api.s1.show:8443": "https://api.s1.show:8443/public/v1",
    "https://gateway.example/swo": "https://gateway.example/swo/public/v1",
    "https://gateway.example/swo/public/v1/": "https://gateway.example/swo/public/v1",
    "http://localhost:8080": "http://localhost:8080/public/v1",
    "http://127.0.0.1": "http://127.0.0.1/public/v1",
    "http://[::1]:8080/public": "http://[::1]:8080/public/v1",
    "https://[2001:db8::1]": "https://[2001:db8::1]/public/v1",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example/public/v1",
    "localhost:8443": "https://localhost:8443/public/v1",
}


@pytest.mark.parametrize("text", URLS)
def test_every_form_of_the_address_that_people_paste_is_accepted(text: str) -> None:
    assert normal_api_url(text) == URLS[text]
    assert normal_api_url(URLS[text]) == URLS[text]


REFUSED_URLS = {
    "http://api.platform.softwareone.com": "must start with https://",
    "ftp://api.platform.softwareone.com": "must start with https://",
    "http://localhost.evil.example": "must start with https://",
    "http://10.0.0.1": "must start with https://",
    "https://user:hunter2@api.example": "must not have a user name",
    "https://hunter2@api.example": "must not have a user name",
    "user:hunter2@api.example": "must not have a user name",
    "https://@api.example": "must not have a user name",
    "http://hunter2:80@localhost": "must not have a user name",
    "https://api.example\\@hunter2": "must not have a user name",
    "https://api.example?key=hunter2": "must not have a user name",
    "https://api.example/public/v1#hunter2": "must not have a user name",
    "file:///etc/passwd": "is not a web address",
    "https://": "is not a web address",
    "//api.example": "is not a web address",
    "https:///public/v1": "is not a web address",
    "https://api example": "is not a web address",
    "https://api.example/a b": "is not a web address",
    "https://api.example/../x": "is not a web address",
    "https://api.example/%2e%2e/x": "is not a web address",
    "https://api.example/\\x": "is not a web address",
    "https://api.example/\u00fc": "is not a web address",
    "https://api.example/;hunter2": "is not a web address",
    "https://api.example:hunter2": "is not a web address",
    "https://api.example:99999": "is not a web address",
    "https://[::1": "is not a web address",
    "https://[fe80::1%25eth0]": "is not a web address",
    "https://\u0430pi.example": "is not a web address",
    "https://api.ex\u00e4mple": "is not a web address",
    "https://api.example\uff0fhunter2": "is not a web address",
    "mailto:hunter2": "is not a web address",
    "https://api.example/public/v1/public/v1": "a path that is not the API's",
    "https://api.example/public/public/v1": "a path that is not the API's",
    "https://api.example/public/v2": "a path that is not the API's",
    "https://api.example/a//b": "a path that is not the API's",
}


@pytest.mark.parametrize("text", REFUSED_URLS, ids=ascii)
def test_an_address_that_cannot_work_is_refused_without_its_secrets(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        normal_api_url(text)
    assert REFUSED_URLS[text] in caught.value.message
    assert caught.value.hint == f"It should look like {DEFAULT_API_URL}."
    assert "hunter2" not in str(caught.value)


@given(text=st.text(st.one_of(st.sampled_from("htps:/@#?[]%.\\ 1a"), st.characters()), max_size=30))
def test_any_text_is_an_address_below_https_or_a_configuration_error(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://api.example/{text}"):
        try:
            url = normal_api_url(candidate)
        except ConfigError:
            continue
        parts = urlsplit(url)
        assert parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
        assert parts.path.endswith("/public/v1")
        assert (parts.username, parts.password, parts.query, parts.fragment) == (None, None, "", "")
        assert url.isascii()
        assert not set(url) & set(" \r\n\t\\")


@pytest.mark.parametrize(
    "text",
    [TOKEN, f" {TOKEN}\r\n", f"Bearer {TOKEN}", f"bearer   {TOKEN}", f"BEARER {TOKEN}\n"],
)
def test_a_token_is_taken_out_of_what_people_paste(text: str) -> None:
    assert normal_token(text) == TOKEN


@pytest.mark.parametrize("text", ["", "  \n"], ids=repr)
def test_a_missing_token_is_told_with_what_to_set(text: str) -> None:
    with pytest.raises(ConfigError, match="There is no API token") as caught:
        normal_token(text)
    assert caught.value.hint == "Set api_token or the environment variable SWO_API_TOKEN."


BAD_TOKENS = {
    "a space inside": "idt:TKN-1 hunter2hunter2",
    "a line break inside": "hunter2\nX-Header: hunter2",
    "CRLF inside": "hunter2\r\nX-Header: hunter2",
    "a null byte": "hunter2hunter2\x00",
    "a tab behind Bearer": "Bearer\thunter2hunter2",
    "a curly quote": "\u201chunter2hunter2\u201d",
    "a lone surrogate": "hunter2hunter2\ud800",
    "an umlaut": "hunter2h\u00fcnter2",
    "a byte order mark": "\ufeffhunter2hunter2",
    "too short": "hunter2",
    "the word alone": "Bearer ",
}


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_a_token_that_no_header_can_carry_is_refused_and_never_shown(case: str) -> None:
    with pytest.raises(ConfigError, match="spaces, line breaks or other characters") as caught:
        normal_token(BAD_TOKENS[case])
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(text=st.text(st.one_of(st.sampled_from("abcXYZ019:-_ \n"), st.characters()), min_size=8, max_size=40))
def test_any_text_is_a_token_for_a_header_or_refused_without_showing_it(text: str) -> None:
    sentence = ""
    try:
        token = normal_token(text)
    except ConfigError as error:
        sentence = str(error)
    else:
        assert len(token) >= 8
        assert all("!" <= char <= "~" for char in token)
    assert text not in sentence


EMPTY = [None, "", "   "]


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
def test_an_empty_option_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, empty: str | None) -> None:
    monkeypatch.setenv("MPT_API_BASE_URL", "https://api.s1.show")
    monkeypatch.setenv("MPT_API_TOKEN", TOKEN)
    connection = connect(api_url=empty, api_token=empty)
    assert connection.api_url == "https://api.s1.show/public/v1"
    assert connection.token == TOKEN


def test_the_variable_of_the_collection_goes_before_the_one_of_the_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWO_API_URL", "https://api.s1.live")
    monkeypatch.setenv("MPT_API_BASE_URL", "https://api.s1.show")
    assert connect().api_url == "https://api.s1.live/public/v1"
    assert connect(api_url="https://own.example").api_url == "https://own.example/public/v1"


@pytest.mark.parametrize("empty", ["", "  "], ids=repr)
def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, empty: str) -> None:
    monkeypatch.setenv("SWO_API_URL", empty)
    monkeypatch.setenv("SWO_API_TOKEN", empty)
    assert connect().api_url == DEFAULT_API_URL
    with pytest.raises(ConfigError, match="There is no API token"):
        connect(api_token="")
    monkeypatch.setenv("MPT_API_TOKEN", TOKEN)
    assert connect(api_token="").token == TOKEN


@pytest.mark.parametrize("seconds", [1, 30, 600])
def test_a_timeout_in_range_is_accepted(seconds: int) -> None:
    assert connect(api_timeout=seconds).timeout == seconds


@pytest.mark.parametrize("seconds", [0, -1, 601])
def test_a_timeout_out_of_range_is_refused(seconds: int) -> None:
    with pytest.raises(ConfigError, match=f"between 1 and 600 seconds, not {seconds}"):
        connect(api_timeout=seconds)


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    assert connect().verify is True
    assert connect(ca_path="").verify is True
    assert connect(validate_certs=False).verify is False
    assert connect(validate_certs=False, ca_path=str(bundle)).verify is False
    assert connect(ca_path=str(bundle)).verify == str(bundle)
    assert connect(ca_path="~/ca.pem").verify == str(bundle)
    assert connect(ca_path=str(tmp_path)).verify == str(tmp_path)


def test_a_missing_ca_path_is_named() -> None:
    with pytest.raises(ConfigError, match=r"ca_path /nowhere/ca\.pem does not exist"):
        connect(ca_path="/nowhere/ca.pem")


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\xff\xfe"], ids=repr)
def test_a_ca_path_without_certificates_is_named(tmp_path: Path, content: bytes) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        connect(ca_path=str(bundle))
    assert caught.value.message == f"ca_path {bundle} has no CA certificates, or cannot be read."
    assert connect(ca_path=str(bundle), validate_certs=False).verify is False


def test_settings_do_not_show_the_token() -> None:
    assert repr(connect()) == f"Connection({DEFAULT_API_URL})"
    assert TOKEN not in f"{connect()}"
