# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""swo_contact_files_info: what files declare, or every fault in them, without a connection."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.fields import FILE_FIELDS
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.layers import (
    ContactFilesError,
    desired_contacts,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.report_files import FORMATS
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import SWO_CONTACT_FILES_INFO
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import TaskResult
from tests.harness import Marketplace
from tests.tools.devtree import TREE


@pytest.fixture
def marketplace() -> Marketplace:
    return Marketplace(3)


def info(marketplace: Marketplace, *src: Path, **options: Any) -> TaskResult:
    return marketplace.run("swo_contact_files_info", src=[str(path) for path in src], **options)


def test_it_takes_no_token_and_sends_nothing(marketplace: Marketplace, tmp_path: Path) -> None:
    assert not SWO_CONTACT_FILES_INFO.connects
    (tmp_path / "a.yml").write_text("contacts: [{email: ann@contoso.example, opt_outs: [No such category]}]")
    assert info(marketplace, tmp_path).values["total"] == 1
    assert marketplace.simulator.journal.since() == []


@pytest.mark.parametrize("check", [False, True])
def test_it_shows_what_the_layers_come_to(marketplace: Marketplace, tmp_path: Path, check: bool) -> None:
    base, prod = tmp_path / "base.yml", tmp_path / "prod.csv"
    base.write_text(
        "profiles: {finance: {opt_outs: [Orders], opt_outs_mode: at_least}}\n"
        "contacts:\n"
        "  - {email: Zoe@contoso.example, name: Zoe}\n"
        "  - {email: ann@contoso.example, name: Ann, profiles: [finance], reason: 'desk,  ticket 1'}\n"
        "  - {id: CTT-1, state: blocked}\n"
    )
    prod.write_text("email,name\nANN@contoso.example,Ann Example\n")

    result = info(marketplace, base, prod, check=check)

    assert (result.failed, result.values["changed"], result.values["total"]) == (False, False, 3)
    by_id, ann, zoe = result.values["contacts"]
    assert ann == {
        "email": "ANN@contoso.example",
        "id": None,
        "name": "Ann Example",
        "opt_ins": None,
        "opt_outs": ["Orders"],
        "opt_outs_mode": "at_least",
        "reason": "desk, ticket 1",
        "source": str(prod),
        "state": "present",
        "unblock": "auto",
    }
    assert (by_id["id"], by_id["email"], by_id["state"]) == ("CTT-1", None, "blocked")
    assert (zoe["email"], zoe["opt_outs"]) == ("Zoe@contoso.example", None)


def test_all_faults_of_all_files_are_named_at_once(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("contacts:\n  - {email: ann@contoso.example, opt_out: [Orders]}\n")
    (tmp_path / "b.yml").write_text(
        "contacts:\n  - {email: ann@contoso.example}\n  - {email: b@contoso.example, name: 12}\n"
    )
    (tmp_path / "c.yml").write_text("contacts: [\n")
    (tmp_path / "d.json").write_text('{"contacts": [{"name": "nobody"}]}')
    absent = tmp_path / "e"

    result = info(marketplace, tmp_path, absent)

    places = [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in result.values["problems"]]
    assert places == [
        ["a.yml:2", "opt_out"],
        ["b.yml:2", "email"],
        ["b.yml:3", "name"],
        ["c.yml:2", places[3][1]],
        ["d.json:1", "contacts[0]"],
        ["e", "does not exist"],
    ]
    assert result.failed
    assert (result.values["contacts"], result.values["total"], result.values["changed"]) == ([], 0, False)
    assert result.values["msg"].splitlines() == ["The contact files have 6 faults:", *result.values["problems"]]


def test_an_empty_folder_declares_nobody_and_says_so(marketplace: Marketplace, tmp_path: Path) -> None:
    result = info(marketplace, tmp_path)
    assert result.failed
    assert "has no contact files" in result.values["msg"]


def test_a_file_may_declare_nobody(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("contacts: []")
    expected = {"changed": False, "status": "clean", "contacts": [], "total": 0, "skipped_files": []}
    others = {"files": [str(tmp_path / "a.yml")], "coverage": [], "explained": None}
    assert info(marketplace, tmp_path).values == {**expected, **others}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("people.ymal", ".yml"), ("hr.CVS", ".csv"), ("a.yml ", ".yml"), ("b.jsn", ".json"), ("c.ym", ".yml")],
)
def test_a_name_that_is_close_to_one_of_a_contact_file_is_a_fault(
    marketplace: Marketplace, tmp_path: Path, name: str, meant: str
) -> None:
    (tmp_path / "a.yml").write_text("contacts: []")
    (tmp_path / name).write_text("contacts: []")
    result = info(marketplace, tmp_path)
    ending = name[name.rindex(".") :]
    assert result.values["problems"] == [
        f"{tmp_path}/{name}: is not read, because its name ends in '{ending}'; did you mean {meant}?"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{email: a@b.example, opt_outs: [Orders, orders]}", "opt_outs: names 'orders' twice"),
        ("{id: ann, name: Ann}", "id: 'ann' cannot be the id of a contact, which looks like CTT-1234-5678"),
        ("{id: NTC-0000-0001}", "id: 'NTC-0000-0001' cannot be the id of a contact, which looks like CTT-1234-5678"),
        (
            "{email: a@b.example, name: {{ x }}}",
            "name: looks like a template, {{ ... }}; contact files have none, write the value",
        ),
    ],
)
def test_a_slip_in_a_value_is_named(marketplace: Marketplace, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yml").write_text(f"contacts:\n  - {text}\n")
    result = info(marketplace, tmp_path)
    assert result.values.get("problems") == [f"{tmp_path}/a.yml:2: {said}"]


def test_other_files_are_listed_and_what_belongs_there_is_not(marketplace: Marketplace, tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    reports = [str(tmp_path / f"plan.{ending}") for ending in ("json", "html", "md", "xml")]
    (tmp_path / "a.yml").write_text("contacts: []")
    marketplace.run("swo_contacts", check=True, src=[str(tmp_path)], reports=reports)
    for name in ("README.md", ".hidden", "old.txt", "team/a.yml.bak", "team/a.yml~", "Makefile", "pyproject.toml"):
        (tmp_path / name).write_text("")
    result = info(marketplace, tmp_path)
    assert not result.failed, result.values
    assert [path[len(str(tmp_path)) + 1 :] for path in result.values["skipped_files"]] == [
        "Makefile",
        "old.txt",
        "pyproject.toml",
        "team/a.yml.bak",
        "team/a.yml~",
    ]


FAULTY = """profiles: {finance: {opt_outs: [Orders]}}
contacts:
  - {email: ann@contoso.example, opt_out: [Orders]}
  - {email: "bob; bob", name: 12}
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "contacts").mkdir()
    (tmp_path / "contacts" / "people.yml").write_text(FAULTY)
    (tmp_path / "contacts" / "sound.yml").write_text("contacts:\n  - email: zoe@contoso.example\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_faults_are_data(marketplace: Marketplace, checkout: Path) -> None:
    result = info(marketplace, checkout / "contacts", checkout / "gone")
    assert result.values["status"] == "error"
    assert [tuple(fault.values()) for fault in result.values["faults"]] == [
        ("contacts/people.yml", 3, "opt_out", "is not known here; did you mean opt_outs?"),
        ("contacts/people.yml", 4, "email", "'bob; bob' has no name before or no domain behind an at sign"),
        ("contacts/people.yml", 4, "name", '12 is read as a number; quote it to make it a text, as in "12"'),
        ("gone", None, "", "does not exist"),
    ]
    assert result.values["problems"][0] == "contacts/people.yml:3: opt_out: is not known here; did you mean opt_outs?"
    assert result.values["files"] == ["contacts/people.yml", "contacts/sound.yml"]


def test_reports_show_each_fault_beside_its_line(marketplace: Marketplace, checkout: Path) -> None:
    paths = {ending: checkout / f"report{ending}" for ending in FORMATS}
    result = info(marketplace, Path("contacts"), reports=[str(path) for path in paths.values()], account_name="contoso")
    texts = {ending: path.read_text() for ending, path in paths.items()}

    report = json.loads(texts[".json"])
    assert (report["status"], report["view"], report["account"]["host"]) == ("error", "files", "contoso")
    assert report["faults"] == result.values["faults"]
    assert texts[".annotations.txt"].splitlines()[0] == (
        "::error file=contacts/people.yml,line=3,title=softwareone.marketplace::"
        "opt_out: is not known here; did you mean opt_outs?"
    )
    quality = json.loads(texts[".codequality.json"])
    assert [(item["location"]["path"], item["location"]["lines"]["begin"]) for item in quality] == [
        ("contacts/people.yml", 3),
        ("contacts/people.yml", 4),
        ("contacts/people.yml", 4),
    ]
    cases = ElementTree.fromstring(texts[".xml"]).findall(".//testcase")
    placed = [(case.get("file"), case.get("line"), [child.tag for child in case]) for case in cases]
    assert placed == [
        (None, None, ["error"]),
        ("contacts/people.yml", "3", ["failure"]),
        ("contacts/people.yml", "4", ["failure"]),
        ("contacts/people.yml", "4", ["failure"]),
        ("contacts/sound.yml", None, []),
    ]
    assert "Error: 3 faults in 1 file" in texts[".md"]
    assert "| `contacts/people.yml:3` | `opt_out`: `is not known here` | `Did you mean opt_outs?` |" in texts[".md"]
    assert "<td><code><bdi>opt_out</bdi></code> <bdi>is not known here</bdi></td>" in texts[".html"]
    assert texts[".html"].count("<bdi>contacts/people.yml</bdi>") == 2
    assert "The contact files have" not in texts[".html"] + texts[".md"]


def test_reports_of_sound_files_show_what_passed(marketplace: Marketplace, checkout: Path) -> None:
    paths = {ending: checkout / f"report{ending}" for ending in FORMATS}
    sound = Path("contacts/sound.yml")
    result = info(marketplace, sound, reports=[str(path) for path in paths.values()])
    texts = {ending: path.read_text() for ending, path in paths.items()}

    assert (result.failed, result.values["status"]) == (False, "clean")
    assert (texts[".annotations.txt"], json.loads(texts[".codequality.json"])) == ("", [])
    cases = ElementTree.fromstring(texts[".xml"]).findall(".//testcase")
    assert [(case.get("name"), case.get("file"), case.get("line"), case.find("failure")) for case in cases] == [
        ("the run", None, None, None),
        ("contacts/sound.yml", "contacts/sound.yml", None, None),
        ("zoe@contoso.example (entry 1)", "contacts/sound.yml", "2", None),
    ]
    for kind in (".html", ".md"):
        assert "No faults" in texts[kind]
        assert "Contact files only, the account was not asked: 1 contact." in texts[kind]


def test_no_earlier_report_outlives_a_check_that_is_refused(marketplace: Marketplace, checkout: Path) -> None:
    report, notes = checkout / "report.json", checkout / "report.annotations.txt"
    info(marketplace, Path("contacts/sound.yml"), reports=[str(report), str(notes)])
    assert json.loads(report.read_text())["status"] == "clean"
    refused = marketplace.run(
        "swo_contact_files_info", error="swo_contacts_src is not set.", reports=[str(report), str(notes)]
    )
    assert (refused.failed, refused.values["msg"]) == (True, "swo_contacts_src is not set.")
    assert json.loads(report.read_text())["status"] == "error"
    assert notes.read_text() == "::error title=softwareone.marketplace::swo_contacts_src is not set.\n"


def test_a_report_does_not_replace_a_contact_file(marketplace: Marketplace, checkout: Path) -> None:
    (checkout / "contacts" / "a.json").write_text('{"contacts": []}')
    result = info(marketplace, Path("contacts"), reports=["contacts/a.json"])
    assert result.failed
    assert result.values["msg"].startswith(
        "reports (swo_contacts_reports of the playbooks): contacts/a.json is a file that src"
    )
    assert (checkout / "contacts" / "a.json").read_text() == '{"contacts": []}'


def test_reports_beside_the_files_are_not_read(marketplace: Marketplace, checkout: Path) -> None:
    (checkout / "contacts" / "people.yml").unlink()
    reports = [f"contacts/report{ending}" for ending in FORMATS]
    for _time in range(2):
        result = info(marketplace, Path("contacts"), reports=reports)
        assert (result.failed, result.values["skipped_files"]) == (False, []), result.values
    assert result.values["files"] == ["contacts/sound.yml"]


ALONE = """
import builtins, socket, sys
real = builtins.__import__
def without(name, *rest, **more):
    if name.partition(".")[0] in ("requests", "urllib3"):
        raise ImportError(name)
    return real(name, *rest, **more)
class NoSocket(socket.socket):
    def __init__(self, *_arguments, **_options):
        raise AssertionError("a socket was asked for")
builtins.__import__ = without
socket.socket = NoSocket
from ansible_collections.softwareone.marketplace.plugins.modules import swo_contact_files_info
swo_contact_files_info.main()
"""


def test_the_module_needs_neither_requests_nor_a_network(checkout: Path) -> None:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"src": ["contacts/sound.yml"], "reports": ["report.html"]}})
    ended = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=arguments,
        cwd=checkout,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(TREE)},
        timeout=60,
        check=False,
    )
    assert (ended.returncode, json.loads(ended.stdout or "{}").get("total")) == (0, 1), ended
    assert (checkout / "report.html").exists()


SECRET = b"""contacts:
  - {email: ann@contoso.example, opt_out: [Orders]}
  - {email: secret person, name: 4711, state: 'hush; hush'}
  - {email: ann@contoso.example, "it's private": x}
"""


def encrypted(checkout: Path, body: str = "") -> Path:
    path = checkout / "contacts" / "private.yml"
    path.write_text(f"$ANSIBLE_VAULT;1.1;AES256\n{body}")
    return path


def test_faults_of_an_encrypted_file_have_lines_and_no_values(checkout: Path) -> None:
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [str(encrypted(checkout))], lambda _path, _content: SECRET)
    assert caught.value.problems == [
        # A key that is not known may be anything, too.
        "contacts/private.yml:2: is not known here; did you mean opt_outs?",
        "contacts/private.yml:3: email: '...' has no name before or no domain behind an at sign",
        "contacts/private.yml:3: name: '...' is read as a number; quote it to make it a text, as in '...'",
        "contacts/private.yml:3: state: '...' is not allowed; it must be present, blocked or absent",
        f"contacts/private.yml:4: is not known here; known are {', '.join(FILE_FIELDS)}",
        "contacts/private.yml:4: email: '...' is declared twice; the other place is contacts/private.yml:2",
    ]


def test_an_encrypted_file_that_cannot_be_opened_is_one_fault(checkout: Path) -> None:
    path = str(encrypted(checkout))
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [path], lambda _path, _content: None)
    assert caught.value.problems == [
        "contacts/private.yml: is encrypted with ansible-vault, and none of the vault passwords opens it; "
        "give its password with --vault-password-file or --ask-vault-pass"
    ]
    with pytest.raises(ContactFilesError) as caught:
        desired_contacts(None, [path])
    assert caught.value.problems == [
        "contacts/private.yml: is encrypted with ansible-vault, which is read only by a task that runs on the "
        "controller itself; run it on localhost, without become, async, environment or an interpreter of its own"
    ]
    assert [fault["line"] for fault in caught.value.faults] == [None]


def test_what_was_encrypted_is_read_like_any_other_file(checkout: Path) -> None:
    path = str(encrypted(checkout, "6162\n"))
    asked = []

    def decrypt(name: str, content: bytes) -> bytes:
        asked.append((name, content))
        return b"\xef\xbb\xbfcontacts:\n  - email: ann@contoso.example\n"

    (entry,) = desired_contacts(None, [path], decrypt)
    assert (entry.desired.email, entry.place_of("email")) == ("ann@contoso.example", "contacts/private.yml:2")
    assert asked == [(path, b"$ANSIBLE_VAULT;1.1;AES256\n6162\n")]


def test_a_tag_or_an_anchor_forges_no_line_and_is_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    tag = "!%0A%3A%3Aerror%3A%3Apwned%E2%80%AE%1B" + "x" * 300
    file.write_text(f"contacts:\n  - email: {tag} ann@contoso.example\n    name: *{'a' * 300}\n", "utf-8")

    anchor = Marketplace().run("swo_contact_files_info", src=[str(file)]).values["msg"]
    file.write_text(f"contacts:\n  - email: {tag} ann@contoso.example\n", "utf-8")
    tagged = Marketplace().run("swo_contact_files_info", src=[str(file)]).values["msg"]

    assert f"refers to the anchor '{'a' * 57}...', which is not defined above it" in anchor
    assert "has the tag '!\\n:\\x3aerror:\\x3apwned\\u202e\\x1bxxx" in tagged
    assert "x" * 60 not in tagged
    assert len(tagged.splitlines()) == 2
