# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: after any plan, its undo file brings the account back to what it was."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import Request
from tests.harness import Marketplace
from tests.unit.contact_sets import INVOICES, OPT_OUTS, ORDERS, WANTED, address, entry, people, store_of

LEGACY = "NTC-0000-0008"
NAMES = st.sampled_from([None, "N", "Zoë 山田", 'O\'Brien "the desk": {{ x }}', "- #: yes"])
CONTACTS = st.fixed_dictionaries({"name": NAMES, "status": st.sampled_from(["Active", "Blocked"]), "optOuts": OPT_OUTS})


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    live=st.lists(st.none() | CONTACTS, min_size=6, max_size=6),
    wanted=st.lists(st.none() | WANTED, min_size=6, max_size=6),
    unmanaged=st.sampled_from(["report", "block", "delete"]),
    put_mode=st.sampled_from(["partial", "replace"]),
)
def test_any_plan_and_its_undo_file_leave_the_account_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, live: list[Any], wanted: list[Any], unmanaged: str, put_mode: str
) -> None:
    undo = tmp_path_factory.mktemp("undo") / "undo.yml"
    marketplace = Marketplace(put_mode=put_mode)
    for number, members in enumerate(live):
        if members is not None:
            marketplace.put(address(number), **members)
    before = store_of(marketplace)
    entries = [entry(number, **fields) for number, fields in enumerate(wanted) if fields is not None]
    entries = entries or [entry(5000, state="absent")]

    result = marketplace.run(
        "swo_contacts",
        contacts=entries,
        unmanaged=unmanaged,
        max_removals=["100%"],
        undo_file=str(undo),
    )

    assert not result.failed, result.values["msg"]
    assert undo.exists() is result.values["changed"]
    if not result.values["changed"]:
        return
    back = marketplace.run("swo_contacts", src=[str(undo)])
    assert not back.failed, back.values["msg"]
    deleted = {row["id"] for row in result.values["results"] if row["actions"] == ["delete"]}
    after = store_of(marketplace)
    assert without_ids(after) == without_ids(before)
    assert {row["id"] for row in before} - deleted <= {row["id"] for row in after}
    assert marketplace.run("swo_contacts", src=[str(undo)]).values["changed"] is False


def without_ids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def undo_of(marketplace: Marketplace, tmp_path: Path, *entries: dict[str, Any], **options: Any) -> Path:
    path = tmp_path / "undo.yml"
    result = marketplace.run("swo_contacts", contacts=list(entries), undo_file=str(path), **options)
    assert result.values["changed"], result.values
    return path


def test_an_address_goes_back_too(tmp_path: Path) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1])
    before = store_of(marketplace)

    undo = undo_of(marketplace, tmp_path, {"id": contact_id, "email": "moved@contoso.example"})

    assert not marketplace.run("swo_contacts", src=[str(undo)]).failed
    assert store_of(marketplace) == before


def test_only_what_was_changed_goes_back(tmp_path: Path) -> None:
    """A category that was unpublished since cannot be opted out of again, and need not be."""
    marketplace = Marketplace()
    people(marketplace, [1], optOuts=[ORDERS, LEGACY])

    undo = undo_of(marketplace, tmp_path, entry(1, name="M"))
    marketplace.simulator.patch_contact({"email": address(1), "optOuts": [LEGACY, INVOICES]})
    back = marketplace.run("swo_contacts", src=[str(undo)])

    assert not back.failed, back.values["msg"]
    (contact,) = store_of(marketplace)
    assert (contact["name"], contact["optOuts"]) == ("N", [INVOICES, LEGACY])


def test_a_block_that_was_left_alone_stays(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1], status="Blocked")
    undo = undo_of(marketplace, tmp_path, entry(1, name="M", unblock="never"))

    assert not marketplace.run("swo_contacts", src=[str(undo)]).failed

    assert [(row["name"], row["status"]) for row in store_of(marketplace)] == [("N", "Blocked")]


def test_two_contacts_with_one_address_do_not_spoil_the_file(tmp_path: Path) -> None:
    marketplace = Marketplace(email_unique="off")
    people(marketplace, [1, 1, 2])

    undo = undo_of(marketplace, tmp_path, entry(3), unmanaged="delete", max_removals=["100%"])
    back = marketplace.run("swo_contacts", src=[str(undo)])

    assert not back.failed, back.values["msg"]
    assert [row["email"] for row in store_of(marketplace)] == [address(1), address(2)]
    assert "has the same address" in undo.read_text()


def test_the_file_is_for_its_owner_and_for_people(tmp_path: Path) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1])
    undo = undo_of(marketplace, tmp_path, entry(1, state="absent"), entry(2, name="New"))

    assert stat.S_IMODE(undo.stat().st_mode) == 0o600
    contacts = yaml.safe_load(undo.read_text())["contacts"]
    assert contacts[0]["reason"] == f"was {contact_id}"
    (created,) = marketplace.live(address(2))
    assert contacts[1] == {"id": created["id"], "email": address(2), "state": "absent"}
    assert "gets a new id" in undo.read_text()


@pytest.mark.parametrize("name", ["a\ufeffb", "\U0001f600", 'O\'B "x": {{ y }} # -', "\u2066bidi\u2069"])
def test_a_name_that_a_file_can_hold_goes_back(tmp_path: Path, name: str) -> None:
    marketplace = Marketplace()
    people(marketplace, [1], name=name)
    undo = undo_of(marketplace, tmp_path, entry(1, name="M"))

    back = marketplace.run("swo_contacts", src=[str(undo)])

    assert not back.failed, back.values["msg"]
    assert [row["name"] for row in store_of(marketplace)] == [name]


@pytest.mark.parametrize("name", ["a\x7fb", "a\x85b", "a\u2028b", "tab\tb", "a\nb", "\x1b[2J", "a\0b", "\ud800"])
def test_a_name_that_no_file_can_hold_does_not_spoil_the_others(tmp_path: Path, name: str) -> None:
    marketplace = Marketplace()
    people(marketplace, [1, 2])
    marketplace.simulator.patch_contact({"email": address(1), "name": name, "optOuts": [ORDERS]})
    undo = undo_of(marketplace, tmp_path, entry(1, name="M", opt_outs=[]), entry(2, name="M"))

    back = marketplace.run("swo_contacts", src=[str(undo)])

    assert not back.failed, back.values["msg"]
    assert [(row["name"], row["optOuts"]) for row in store_of(marketplace)] == [("M", [ORDERS]), ("N", [])]
    assert "name is left as it is" in undo.read_text(encoding="utf-8")


@pytest.mark.parametrize("check", [True, False], ids=["check", "no change"])
def test_no_file_without_a_change(tmp_path: Path, check: bool) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    path = tmp_path / "undo.yml"

    marketplace.run("swo_contacts", check=check, contacts=[entry(1, name="M" if check else "N")], undo_file=str(path))

    assert not path.exists()


def test_without_a_way_back_nothing_is_changed(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])

    (tmp_path / "undo.yml").mkdir()
    result = marketplace.run("swo_contacts", contacts=[entry(1, name="M")], undo_file=str(tmp_path / "undo.yml"))

    assert result.failed
    assert "nothing was changed" in result.values["msg"]
    assert (result.values["changed"], marketplace.writes()) == (False, [])
    assert result.values["counts"]["skipped"] == 1


@pytest.mark.parametrize("concurrency", [1, 8])
def test_the_way_back_is_there_before_the_first_write(tmp_path: Path, concurrency: int) -> None:
    """Of each contact, so that a run that is killed at any moment can be undone."""
    marketplace = Marketplace()
    ids = people(marketplace, range(20))
    path = tmp_path / "undo.yml"
    known: dict[str, set[str]] = {}

    def look(request: Request) -> None:
        if request.method == "PUT":
            contacts = yaml.safe_load(path.read_text())["contacts"]
            known[request.url.rpartition("/")[2]] = {contact["id"] for contact in contacts}

    marketplace.watch(look)
    result = marketplace.run(
        "swo_contacts",
        contacts=[entry(number, name="M") for number in range(20)],
        undo_file=str(path),
        concurrency=concurrency,
    )

    assert not result.failed
    assert sorted(known) == sorted(ids)
    assert all(contact_id in before for contact_id, before in known.items())


def test_only_who_was_changed_is_in_the_file(tmp_path: Path) -> None:
    marketplace = Marketplace()
    ids = people(marketplace, range(4))
    marketplace.simulator.add_fault({"when": {"method": "PUT", "path": f"*/{ids[1]}"}, "do": {"status": 400}})
    path = tmp_path / "undo.yml"

    result = marketplace.run("swo_contacts", contacts=[entry(n, name="M") for n in range(4)], undo_file=str(path))

    assert result.failed
    contacts = yaml.safe_load(path.read_text())["contacts"]
    assert [contact["id"] for contact in contacts] == [ids[0], ids[2], ids[3]]


def test_the_way_back_from_an_earlier_run_is_kept(tmp_path: Path) -> None:
    """The rerun of a run that was killed must not lose what the first one had changed."""
    marketplace = Marketplace()
    people(marketplace, range(3))
    before = store_of(marketplace)
    undo_of(marketplace, tmp_path, entry(0, name="M"), entry(1, name="M"))
    undo_of(marketplace, tmp_path, entry(1, name="O"), entry(2, name="O"))
    undo = undo_of(marketplace, tmp_path, entry(0, name="P"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["undo.1.yml", "undo.2.yml", "undo.yml"]
    assert "undo.2.yml" in undo.read_text()
    take_all_back(marketplace, tmp_path)
    assert store_of(marketplace) == before


def take_all_back(marketplace: Marketplace, folder: Path) -> None:
    """As the files say: one after the other, newest first."""
    earlier = sorted(folder.glob("undo.*.yml"), reverse=True)
    for path in [folder / "undo.yml", *earlier]:
        back = marketplace.run("swo_contacts", src=[str(path)])
        assert not back.failed, back.values["msg"]


# The entries of two runs, about c0001 (live) and c0002 (not there); ID is the id of c0001.
ID = "id of c0001"
TWO_RUNS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "changed, deleted": ([entry(1, name="M", opt_outs=[ORDERS])], [entry(1, state="absent")]),
    "blocked, deleted": ([entry(1, state="blocked")], [entry(1, state="absent")]),
    "renamed, deleted": ([{"id": ID, "email": address(7), "name": "M"}], [entry(7, state="absent")]),
    "renamed, blocked, deleted": (
        [{"id": ID, "email": address(7), "state": "blocked"}],
        [entry(7, state="absent")],
    ),
    "renamed, another created": ([{"id": ID, "email": address(7)}], [entry(1, name="New")]),
    "created, deleted": ([entry(2, name="New")], [entry(2, state="absent")]),
    "created, changed": ([entry(2, name="New")], [entry(2, name="Newer", state="blocked")]),
    "deleted, created": ([entry(1, state="absent")], [entry(1, name="New")]),
    "changed, blocked": ([entry(1, name="M", unblock="never")], [entry(1, state="blocked")]),
    "blocked, changed": ([entry(1, state="blocked")], [entry(1, name="M", unblock="never")]),
}


@pytest.mark.parametrize("case", TWO_RUNS)
def test_two_runs_are_taken_back_one_after_the_other(tmp_path: Path, case: str) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1], optOuts=[INVOICES])
    people(marketplace, [3])
    before = store_of(marketplace)
    for entries in TWO_RUNS[case]:
        undo_of(marketplace, tmp_path, *[{**one, **({"id": contact_id} if "id" in one else {})} for one in entries])

    take_all_back(marketplace, tmp_path)

    assert without_ids(store_of(marketplace)) == without_ids(before)


def test_a_creation_is_taken_back_by_its_id(tmp_path: Path) -> None:
    """Not from whoever has the address later."""
    marketplace = Marketplace()
    undo = undo_of(marketplace, tmp_path, entry(1))
    (created,) = marketplace.live(address(1))
    marketplace.simulator.patch_contact({"id": created["id"], "status": "Deleted"})
    theirs = marketplace.put(address(1), name="Theirs")

    assert marketplace.run("swo_contacts", src=[str(undo)]).values["changed"] is False

    assert [row["id"] for row in store_of(marketplace)] == [theirs]


def test_a_created_contact_that_got_another_address_is_not_removed(tmp_path: Path) -> None:
    marketplace = Marketplace()
    undo = undo_of(marketplace, tmp_path, entry(1))
    marketplace.simulator.patch_contact({"id": marketplace.live(address(1))[0]["id"], "email": address(9)})

    back = marketplace.run("swo_contacts", src=[str(undo)])

    assert f"is not removed: its e-mail address is {address(9)}, and not {address(1)}" in back.values["msg"]
    assert len(marketplace.live(address(9))) == 1


@pytest.mark.parametrize("workers", [1, 4])
def test_a_run_that_dies_names_what_it_created_by_id(tmp_path: Path, workers: int) -> None:
    """Right before each request, the file on the disk is one that can be applied, and knows every id it could."""
    marketplace = Marketplace()
    path = tmp_path / "undo.yml"
    seen: list[int] = []

    def look(request: Request) -> None:
        if request.method == "POST":
            contacts = yaml.safe_load(path.read_text())["contacts"]
            known = sum("id" in contact for contact in contacts)
            seen.append(known)
            assert len(contacts) - known <= workers
            assert all(contact["state"] == "absent" for contact in contacts)

    marketplace.watch(look)
    entries = [entry(number) for number in range(30)]
    result = marketplace.run("swo_contacts", contacts=entries, undo_file=str(path), concurrency=workers)

    assert not result.failed, result.values["msg"]
    assert max(seen) >= 29 - workers
    assert marketplace.run("swo_contacts", src=[str(path)]).values["counts"]["deleted"] == 30
    assert store_of(marketplace) == []


def test_an_address_that_was_not_changed_is_left_alone_on_the_way_back(tmp_path: Path) -> None:
    marketplace = Marketplace()
    (contact_id,) = people(marketplace, [1])
    undo = undo_of(marketplace, tmp_path, entry(1, name="M"))
    marketplace.simulator.patch_contact({"id": contact_id, "email": address(9)})

    assert not marketplace.run("swo_contacts", src=[str(undo)]).failed

    assert [(row["email"], row["name"]) for row in store_of(marketplace)] == [(address(9), "N")]


def test_opt_outs_that_are_not_known_are_not_in_the_file(tmp_path: Path) -> None:
    marketplace = Marketplace(withheld="optOuts")
    people(marketplace, [1], optOuts=[ORDERS])

    undo = undo_of(marketplace, tmp_path, entry(1, state="absent"))

    (contact,) = yaml.safe_load(undo.read_text())["contacts"]
    assert "opt_outs" not in contact
    assert "The API did not send its opt_outs" in undo.read_text()


def test_a_name_with_the_token_in_it_is_not_in_the_file(tmp_path: Path) -> None:
    marketplace = Marketplace()
    token = marketplace.simulator.tokens["ops"]
    people(marketplace, [1], name=f"x {token[-12:]} y", optOuts=[ORDERS])

    undo = undo_of(marketplace, tmp_path, entry(1, name="M", opt_outs=[]))

    assert token[-12:] not in undo.read_text()
    assert "it holds a part of the API token" in undo.read_text()
    assert not marketplace.run("swo_contacts", src=[str(undo)]).failed
    assert [(row["name"], row["optOuts"]) for row in store_of(marketplace)] == [("M", [ORDERS])]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("name", ["undo.yml", "new/deep/undo.yml", "old/undo.yml"])
def test_the_way_back_does_not_lie_where_contact_files_are_read(tmp_path: Path, name: str, check: bool) -> None:
    marketplace = Marketplace()
    (tmp_path / "old").mkdir()
    (tmp_path / "contacts.yml").write_text(f"contacts:\n  - email: {address(1)}\n")
    options = {"src": [str(tmp_path)], "check": check}

    result = marketplace.run("swo_contacts", undo_file=str(tmp_path / name), **options)

    assert "is in a directory of src, so the next run would read it as a contact file" in result.values["msg"]
    assert (marketplace.writes(), (tmp_path / name).exists()) == ([], False)
    for hidden in (".undo/undo.yml", ".undo.yml"):
        assert not marketplace.run("swo_contacts", undo_file=str(tmp_path / hidden), **options).failed


@pytest.mark.parametrize("option", ["undo_file", "reports"])
@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_cannot_be_a_file_is_refused_in_a_sentence(tmp_path: Path, option: str, name: str) -> None:
    marketplace = Marketplace()
    report = tmp_path / "report.json"
    path = f"{tmp_path}/{name}.yml" if option == "undo_file" else f"{tmp_path}/{name}.json"
    given = {"reports": [path, str(report)]} if option == "reports" else {"undo_file": path, "reports": [str(report)]}

    result = marketplace.run("swo_contacts", contacts=[entry(1)], **given)

    assert result.values["msg"].startswith(f"{option} (swo_contacts_{option} of the playbooks): ")
    assert "cannot be the name of a file" in result.values["msg"]
    assert marketplace.writes() == []
    assert "cannot be the name of a file" in report.read_text()


def test_a_run_that_changes_nothing_leaves_an_earlier_file_alone(tmp_path: Path) -> None:
    marketplace = Marketplace()
    people(marketplace, [1])
    undo = undo_of(marketplace, tmp_path, entry(1, name="M"))
    content = undo.read_text()
    marketplace.simulator.add_fault({"when": {"method": "PUT"}, "do": {"status": 400}})

    assert marketplace.run("swo_contacts", contacts=[entry(1, name="O")], undo_file=str(undo)).failed

    assert [path.name for path in tmp_path.iterdir()] == ["undo.yml"]
    assert undo.read_text() == content
