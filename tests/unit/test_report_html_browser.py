# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report and the overview in a browser: names stay text, filters filter, nothing is wider than the window."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._report import overview_forms
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.overview import overview
from tests.unit.reports import EVIL, faulty, hostile, many, rendered, typical

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium here to look at the HTML report with")


def dom_of(page: Path, profile: Path, fragment: str = "") -> str:
    """The page as it is after its script has run."""
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={profile}", "--window-size=1400,900", "--dump-dom"]
    done = subprocess.run([*command, page.as_uri() + fragment], capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def accounts(count: int, name: str = EVIL) -> str:
    """The page of as many accounts, of which every second one differs."""
    results: dict[str, Any] = {
        f"account-{number} {name}": {
            "status": "drift" if number % 2 else "clean",
            "summary": name,
            "categories": [{"category": name, "more": 1, "fewer": 0}],
            "plan_hash": "7f3a90c1" * 8,
        }
        for number in range(count)
    }
    return overview_forms.html(overview(results, "plan", "2026-11-21T02:50:00Z"), masked=False)


def visible_rows(dom: str) -> list[str]:
    return re.findall(r'<tr data-outcome="(\w+)">', dom)


def test_a_contact_named_as_a_script_stays_text(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(rendered(hostile(), ".html", masked=False), "utf-8")
    dom = dom_of(page, tmp_path / "profile")
    (title,) = re.findall("<title>(.*?)</title>", dom)
    assert title.startswith("1 difference, 1 contact failed")
    assert "<bdi>&lt;script&gt;document.title='x'&lt;/script&gt;</bdi>" in dom
    assert dom.count("<script>") == 1


@pytest.mark.parametrize(
    ("rows", "fragment", "fit", "told"),
    [
        (1_000, "#q=PERSON.0099", 10, "10 of 1,000"),
        (100, "", 100, "100 listed"),
        (100, "#q=contoso%20person.00098&o=failed", 1, "1 of 100"),
        (100, "#o=updated&q=no-such-thing", 0, "0 of 100"),
        (100, "#contacts", 100, "100 listed"),
        (100, "#q=%E0%A4%A", 100, "100 listed"),
    ],
)
def test_the_filter_filters(rows: int, fragment: str, fit: int, told: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(rendered(many(rows), ".html", masked=False), "utf-8")
    dom = dom_of(page, tmp_path / "profile", fragment)
    assert len(visible_rows(dom)) == fit
    assert f">{told}</output>" in dom
    assert ('<body data-status="drift" class="none">' in dom) == (fit == 0)


@pytest.mark.parametrize(
    ("fragment", "shown", "told", "left"),
    [
        ("", 0, "6,000 listed", ""),
        ("#o=failed", 3, "3 of 6,000", ""),
        ("#o=updated", 500, "5,997 of 6,000", "5,497 left"),
        ("#q=PERSON.0099", 10, "10 of 6,000", ""),
        ("#q=%22x%22%20%26%3Cb%3E'", 1, "1 of 6,000", ""),
        ("#q=data-outcome", 0, "0 of 6,000", ""),
    ],
)
def test_rows_of_a_large_report_come_when_a_group_is_opened(
    fragment: str, shown: int, told: str, left: str, tmp_path: Path
) -> None:
    made = many(6_000)
    made["results"][7]["reason"] = "\"x\" &<b>' </script><script>document.title='y'</script>"
    page = tmp_path / "report.html"
    page.write_text(rendered(made, ".html", masked=False), "utf-8")
    dom = re.sub(r'<script type="text/html">.*?</script>', "", dom_of(page, tmp_path / "profile", fragment), flags=re.S)
    assert len(visible_rows(dom)) == shown
    assert f">{told}</output>" in dom
    assert left in dom
    assert "<title>5,997 differences" in dom


def test_accounts_can_be_filtered_by_what_became_of_them(tmp_path: Path) -> None:
    page = tmp_path / "overview.html"
    page.write_text(accounts(100), "utf-8")
    dom = dom_of(page, tmp_path / "profile", "#q=account-1&o=drift")
    assert visible_rows(dom) == ["drift"] * 6
    assert ">6 of 100</output>" in dom
    assert "<title>100 accounts: 50 with differences, 50 clean</title>" in dom
    assert dom.count("<script>") == 1


@pytest.mark.parametrize("width", [400, 1_400])
def test_nothing_is_wider_than_the_window(width: int, tmp_path: Path) -> None:
    wide = "W" * 300 + " סוף"
    pages = [rendered(made, ".html", masked=False) for made in (typical(), hostile(wide), faulty(wide))]
    for number, made in enumerate([*pages, accounts(3, wide)]):
        (tmp_path / f"{number}.html").write_text(made, "utf-8")
        frame = tmp_path / f"frame{number}.html"
        frame.write_text(FRAME.format(width=width, source=f"{number}.html"), "utf-8")
        assert f"<title>{width} of {width}</title>" in dom_of(frame, tmp_path / "profile")


FRAME = """<!DOCTYPE html><title>-</title><iframe src="{source}" style="border:0;width:{width}px;height:900px"></iframe>
<script>
window.onload = function () {{
  var root = document.querySelector("iframe").contentDocument.documentElement;
  document.title = root.scrollWidth + " of " + root.clientWidth;
}};
</script>
"""
