# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overview of several accounts: worst first, nobody missing, and whatever is in a name stays text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._report import overview_forms
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.markdown import LIMIT
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.overview import Overview, overview
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.report_files import write_overview
from tests.harness import Marketplace
from tests.tools.devtree import ROOT

SCHEMA = json.loads((ROOT / "schemas" / "overview.schema.json").read_text("utf-8"))
NOW = "2026-11-21T02:50:00Z"


def result(status: str, **values: Any) -> dict[str, Any]:
    """What a task returned, as far as an overview reads it."""
    counts = {"live": 10, "desired": 10, **values.pop("counts", {})}
    return {"status": status, "summary": f"It is {status}", "counts": counts, "categories": [], "reports": [], **values}


def made(results: dict[str, Any], view: str = "drift") -> Overview:
    found = overview(results, view, NOW)
    assert list(Draft202012Validator(SCHEMA).iter_errors({**found, "privacy": "full"})) == []
    return found


def hosts(found: Overview) -> list[str]:
    return [line["host"] for line in found["accounts"]]


@pytest.mark.parametrize("status", ["clean", "applied", "pending"])
def test_a_failed_result_is_an_error_whatever_it_says(status: str) -> None:
    found = made({"clean": result("clean"), "liar": result(status, failed=True)})
    assert (found["status"], hosts(found), found["counts"]["error"]) == ("error", ["liar", "clean"], 1)
    assert found["accounts"][0]["summary"] == "No report: the run of this account did not get to its end."


def test_a_check_that_failed_for_conflicts_is_drift() -> None:
    line = made({"conflict": result("drift", failed=True, msg="Somebody changed both.")})["accounts"][0]
    assert (line["status"], line["summary"], line["message"]) == ("drift", "It is drift", "Somebody changed both.")


def test_the_worst_is_first() -> None:
    found = made(
        {
            "clean": result("clean"),
            "Bclean": result("clean"),
            "applied": result("applied", counts={"created": 9}),
            "few": result("drift", counts={"updated": 1}),
            "many": result("drift", counts={"updated": 1, "created": 1}),
            "pending": result("pending", counts={"updated": 7}),
            "gone": {},
            "broken": result("error", counts={"failed": 2}, msg="It broke."),
        }
    )
    assert hosts(found) == ["broken", "gone", "many", "few", "pending", "applied", "Bclean", "clean"]
    assert found["status"] == "error"
    assert found["counts"] == {"error": 2, "drift": 2, "pending": 1, "applied": 1, "clean": 2}
    assert found["differences"] == 19


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "No report: the run of this account did not get to its end."),
        ({"skipped": True, "changed": False}, "No report: the run of this account did not get to its end."),
        ({"failed": True, "msg": "No such\nvariable."}, "No such variable."),
        ({"unreachable": True, "msg": "ssh: timed out"}, "No report: the host is unreachable. ssh: timed out"),
        ({"status": "fine"}, "No report: the run of this account did not get to its end."),
    ],
)
def test_what_is_no_result_is_an_error(value: Any, message: str) -> None:
    (line,) = made({"contoso": value})["accounts"]
    assert (line["status"], line["message"], line["summary"]) == ("error", message, message)


def test_no_account_at_all_is_no_clean_one() -> None:
    found = made({})
    assert found["status"] == "error"
    assert "nothing was looked at" in overview_forms.html(found, masked=False)
    assert "nothing was looked at" in overview_forms.markdown(found, masked=True)


def test_categories_are_summed_up_in_the_direction_of_the_view() -> None:
    categories = [{"category": "Orders", "more": 2, "fewer": 1}, {"category": "Alerts", "more": 0, "fewer": 1}]
    results = {
        "a": result("drift", categories=categories),
        "b": result("drift", categories=categories[:1]),
        "c": result("clean"),
    }
    found = made(results)
    assert found["categories"] == [
        {"category": "Alerts", "more": 0, "fewer": 1, "accounts": 1},
        {"category": "Orders", "more": 4, "fewer": 2, "accounts": 2},
    ]
    assert "- `Orders`: 2 more opted out, 4 fewer, in 2 accounts\n" in overview_forms.markdown(found, masked=True)
    plan = overview_forms.html(made(results, "plan"), masked=False)
    assert "<li><bdi>Orders</bdi>: 4 more opted out, 2 fewer, in 2 accounts</li>" in plan


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["status", "account", "summary", "msg", "unreachable", "counts", "categories", "plan_hash", "reports"]


@given(st.dictionaries(st.text(), JSON | st.dictionaries(st.sampled_from(NAMES), JSON), max_size=4))
def test_whatever_a_variable_holds_every_host_has_its_line(results: dict[str, Any]) -> None:
    found = made(results)
    assert sorted(hosts(found)) == sorted(results)
    overview_forms.html(found, masked=False)
    overview_forms.markdown(found, masked=False)


EVIL = "a|b](javascript:x)`<img src=x onerror=y>`\n| forged | clean |\n::error::x \x1b[2K\u202e@all"


class Links(HTMLParser):
    """The tags of a page, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name == "href" and tag == "a"]


def hostile(folder: Path) -> dict[str, Any]:
    report = folder / "javascript:a)|b (c) <i>\"'.html"
    report.write_text("")
    account = dict.fromkeys(("host", "name", "id", "token"), EVIL)
    categories = [{"category": EVIL, "more": 1, "fewer": 0}]
    values = {"summary": EVIL, "msg": f"x {EVIL}", "plan_hash": EVIL, "account": account, "categories": categories}
    return {EVIL: result("error", **values, reports=[str(report)]), "good": result("clean")}


def test_a_hostile_name_forges_nothing_in_markdown(tmp_path: Path) -> None:
    path = tmp_path / "overview.md"
    write_overview(made(hostile(tmp_path), "plan"), [str(path)], "full")
    text = path.read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "clean" in line.partition("|")[2][:12]]
    assert len(rows) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
    assert not re.search(r"(^|[^:])::[a-z]", text)
    outside = re.sub("`[^`]*`", "", text)
    assert "<img" not in outside
    assert "@all" not in outside
    assert re.findall(r"\]\((.*?)\)", outside) == ["javascript%3Aa%29%7Cb%20%28c%29%20%3Ci%3E%22%27.html"]


def test_a_hostile_name_stays_text_in_html(tmp_path: Path) -> None:
    path = tmp_path / "overview.html"
    write_overview(made(hostile(tmp_path), "plan"), [str(path)], None)
    text = path.read_text("utf-8")
    page = Links(text)
    assert "img" not in page.tags
    assert page.targets == ["#accounts", "javascript%3Aa%29%7Cb%20%28c%29%20%3Ci%3E%22%27.html"]
    assert text.count("<tr data-outcome=") == 2
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_links_are_relative_to_each_overview_and_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.html").write_text("")
    reports = [str(tmp_path / "reports" / name) for name in ("a.html", "not-written.json")]
    found = made({"a": result("clean", reports=reports)})
    write_overview(found, [str(tmp_path / "o.json"), str(tmp_path / "deep" / "o.json")], None)
    linked = [
        json.loads((tmp_path / name).read_text("utf-8"))["accounts"][0]["reports"] for name in ("o.json", "deep/o.json")
    ]
    assert linked == [["reports/a.html"], ["../reports/a.html"]]


def test_markdown_masks_the_addresses_in_messages_and_names_the_accounts(tmp_path: Path) -> None:
    account = {"host": "contoso", "name": "Contoso Holding", "id": None, "token": None}
    message = "ann@contoso.example: HTTP 400"
    found = made({"contoso": result("error", msg=message, account=account)})
    paths = [tmp_path / f"o.{ending}" for ending in ("md", "html", "json")]
    write_overview(found, list(map(str, paths)), None)
    comment, page, data = (path.read_text("utf-8") for path in paths)
    assert ("ann@" in comment, "a***@contoso.example" in comment, "Contoso Holding" in comment) == (False, True, True)
    assert message in page
    assert message in data
    assert [path.stat().st_mode & 0o777 for path in paths[1:]] == [0o600, 0o600]


def test_a_comment_of_many_accounts_fits_and_says_what_is_left_out() -> None:
    found = made({f"account-{number}": {"msg": "x" * 300} for number in range(1_000)})
    text = overview_forms.markdown(found, masked=True)
    assert len(text.encode()) < LIMIT
    assert "more that do not fit here" in text


def test_an_ending_without_a_form_is_refused_and_the_others_are_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dest: .* has to end in \.json, \.md or \.html\."):
        write_overview(made({}), [str(tmp_path / "o.xml"), str(tmp_path / "o.json")], None)
    assert (tmp_path / "o.json").exists()
    assert not (tmp_path / "o.xml").exists()


@pytest.mark.parametrize(
    ("check", "view", "shown"), [(False, "plan", "applied"), (True, "plan", "plan"), (False, "drift", "drift")]
)
def test_the_module_tells_it_as_the_runs_did(check: bool, view: str, shown: str, tmp_path: Path) -> None:
    path = tmp_path / "o.json"
    marketplace = Marketplace()
    one = marketplace.run("swo_contacts", check=True, contacts=[{"email": "a@x.example"}]).values
    ended = marketplace.run(
        "swo_contacts_overview", check=check, accounts={"contoso": one, "lost": None}, dest=[str(path)], view=view
    )
    assert (ended.failed, ended.values["changed"], ended.values["status"]) == (False, False, "error")
    assert hosts(json.loads(path.read_text("utf-8"))) == ["lost", "contoso"]
    assert json.loads(path.read_text("utf-8"))["view"] == shown


def test_the_module_fails_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = Marketplace().run("swo_contacts_overview", accounts={}, dest=[str(tmp_path / "file" / "o.md")])
    assert ended.failed
    assert "dest: could not write" in ended.values["msg"]
