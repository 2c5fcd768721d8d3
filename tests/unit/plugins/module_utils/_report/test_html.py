# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page is complete in itself, everything in it is escaped, and it can be read in both colour schemes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._report import html_parts as page_parts
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.html_assets import STYLE
from tests.unit.reports import EVIL, faulty, field, hostile, many, rendered, report, row, stray, typical

VOID = {"meta", "input", "wbr"}


class Page(HTMLParser):
    """Holds the page to well-formedness and collects what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.content: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        tag = self.open[-1] if self.open else ""
        self.content[tag] = self.content.get(tag, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(made: dict[str, Any]) -> Page:
    return Page(rendered(made, ".html", masked=False))


@pytest.mark.parametrize(
    "text", [EVIL, "\"' onmouseover=alert(1) x='", "</style></script><b>", "<!--", "]]>", "&lt;b&gt;"]
)
@pytest.mark.parametrize("make", [hostile, faulty])
def test_whatever_people_wrote_is_only_text(make: Callable[[str], dict[str, Any]], text: str) -> None:
    plain, page = page_of(make("x")), page_of(make(text))
    assert [tag for tag, _attributes in page.elements] == [tag for tag, _attributes in plain.elements]
    for (_tag, attributes), (_other, expected) in zip(page.elements, plain.elements, strict=True):
        assert attributes.keys() == expected.keys()
    assert text in page.content["bdi"]


def test_only_our_own_script_and_style_may_run_and_nothing_is_fetched() -> None:
    text = rendered(typical(), ".html", masked=False)
    page = Page(text)
    policy = next(meta["content"] for meta in page.named("meta") if meta.get("http-equiv")) or ""
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.content[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for _tag, attributes in page.elements:
        assert not {"style", "src", "srcset", "action"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_page_has_landmarks_labels_and_headings() -> None:
    page = page_of(typical())
    tags = [tag for tag, _attributes in page.elements]
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1", "title")] == [1] * 5
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.named("html") == [{"lang": "en"}]
    assert {label["for"] for label in page.named("label")} == {"q"}
    for _tag, attributes in page.elements:
        assert (attributes.get("aria-labelledby") or ids[0]) in ids
        assert (attributes.get("href") or f"#{ids[0]}")[1:] in ids
    assert all(head.get("scope") in ("col", "row") for head in page.named("th"))
    assert "disabled" in page.named("button")[0]
    assert "hidden" in page.named("form")[0]


def test_from_and_to_are_told_without_colour() -> None:
    text = rendered(typical(), ".html", masked=False)
    assert (
        '<del><span class="hidden">removed: </span><bdi>Ann Exampel</bdi></del> <span class="new">'
        '<span class="to" aria-hidden="true">\u2192</span> <ins><span class="hidden">added: </span>'
        "<bdi>Ann Example</bdi></ins>"
    ) in text
    assert "Orders" not in text
    assert "<span>last written by</span> <bdi>Dana Reyes, 2026-11-02</bdi>" in text


def test_what_can_forge_a_name_is_made_visible_and_joiners_stay() -> None:
    fields = field("name", "user\u202egnp.exe\x1b[31m\ud800", "می\u200cخواهم \U0001f469\u200d\U0001f680")
    text = rendered(report(row("a@x.example", "updated", fields)), ".html", masked=False)
    assert "<bdi>user\\u202egnp.exe\\x1b[31m\\ud800</bdi>" in text
    assert "<bdi>می\u200cخواهم \U0001f469\u200d\U0001f680</bdi>" in text


def test_worst_rows_come_first_and_large_reports_stay_small() -> None:
    text = rendered(many(1_000), ".html", masked=False)
    outcomes = re.findall(r'<tr data-outcome="(\w+)">', text)
    assert outcomes == ["failed"] * 3 + ["updated"] * 997
    assert len(text) < 700_000


@pytest.mark.parametrize("text", [EVIL, "</script><b>", "<!-- <script>", "two\nlines\u2028 and more"])
def test_rows_of_a_large_report_are_one_line_of_text_each(text: str) -> None:
    made = many(page_parts.MOST_ROWS + 1)
    made["results"][-2:] = hostile(text)["results"][:2]
    made["unmanaged"] = [stray(text, id=text, name=text, status=text)] * (page_parts.MOST_ROWS + 1)
    page = page_of(made)
    groups = page.named("details")
    assert [(group["data-outcome"], group["data-count"]) for group in groups] == [
        ("failed", "2"),
        ("updated", "4999"),
        ("unmanaged", "5001"),
    ]
    # Three heads of tables and not one row.
    assert len(page.named("tr")) == 3
    lines = page.content["script"].partition("(function")[0].split("\n")
    assert len([line for line in lines if line.startswith("<tr") and line.endswith("</tr>")]) == 2 + 4_999 + 5_001
    assert len([line for line in lines if line]) == 2 + 4_999 + 5_001
    assert "with JavaScript only" in page.content["p"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"status": "clean", "counts": {"unchanged": 3}}, ["No differences", "Every contact is as desired."]),
        ({"status": "error", "message": "No answer."}, ["Error", "No answer.", "ended before there were contacts"]),
        ({"status": "drift", "unmanaged": [stray("w@x.example")]}, ["1 contact in no file", "w***<wbr>@x.example"]),
        (
            {"status": "applied", "mode": "apply", "counts": {"created": 2}},
            ["Applied: 2 contacts changed", "Apply mode"],
        ),
    ],
)
def test_every_status_is_told(values: dict[str, Any], told: list[str]) -> None:
    text = rendered(report(**values), ".html", masked=True)
    assert not [part for part in told if part not in text]
    assert "addresses masked" in text


def test_texts_have_enough_contrast_in_both_schemes() -> None:
    """WCAG 2.2 AA: 4.5 to 1."""
    schemes = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in STYLE.split("prefers-color-scheme: dark")[:2]
    ]
    for colours in schemes:
        inks = [name[:-3] for name in colours if name.endswith("-bg")]
        pairs = [(ink, ground) for ink in inks for ground in (f"{ink}-bg", "card")]
        pairs += [
            (ink, ground) for ink in ("text", "soft") for ground in ("page", "card", *(f"{name}-bg" for name in inks))
        ]
        for ink, ground in pairs:
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_drift_is_told_in_its_own_direction() -> None:
    page = rendered(typical(view="drift"), ".html", masked=False)
    for told in (
        "\u2212</i> missing",
        "+</i> extra",
        "<span><i>file says</i> <bdi>Ann Example</bdi></span> <span><i>live says</i> <bdi>Ann Exampel</bdi></span>",
        "<span><i>opted out of, unlike the files:</i> <bdi>Invoices</bdi></span>",
        "<li><bdi>Invoices</bdi>: 1 more opted out</li>",
    ):
        assert told in page, told
