# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token that the account holds as a name, an address or an id gets into no file, and the files can still be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness import Marketplace
from tests.unit.contact_sets import address, entry, store_of

ORDERS = "NTC-0000-0001"


def secret_of(marketplace: Marketplace) -> str:
    return marketplace.simulator.tokens["ops"].rpartition(":")[2]


def windows(marketplace: Marketplace) -> list[str]:
    secret = secret_of(marketplace)
    return [secret[start : start + 8] for start in range(len(secret) - 7)]


def leaks(marketplace: Marketplace, folder: Path) -> list[tuple[str, str]]:
    """The files below ``folder`` that have a part of the secret, in their names or in what is in them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        (path.name, part)
        for path in files
        for part in windows(marketplace)
        if part in path.name or part in path.read_text("utf-8")
    ]


def account_with_token() -> Marketplace:
    """An account that holds the token in an address and in names, of contacts and of a category."""
    marketplace = Marketplace()
    secret = secret_of(marketplace)
    marketplace.simulator.patch_category({"id": ORDERS, "name": f"Orders {secret[3:13]}"})
    marketplace.put(address(1), name=f"x {secret} y", optOuts=[ORDERS])
    marketplace.put(f"{secret[:12]}@contoso.example", name="A")
    marketplace.put(address(2), name=secret[:9], status="Blocked")
    marketplace.put(address(3), name="C")
    return marketplace


@pytest.mark.parametrize("split", ["none", "domain"])
def test_an_export_leaves_it_out_and_says_so(tmp_path: Path, split: str) -> None:
    marketplace = account_with_token()
    dest = tmp_path / ("contacts.yml" if split == "none" else "contacts")
    catalogue = tmp_path / "categories.yml"

    result = marketplace.run("swo_contacts_export", dest=str(dest), split=split, categories_dest=str(catalogue))

    assert not result.failed, result.values
    assert leaks(marketplace, tmp_path) == []
    assert not any(part in str(result.values) for part in windows(marketplace))
    assert {row["reason"] for row in result.values["left_out"]} == {
        "email: it holds a part of the API token",
        "name: it holds a part of the API token",
    }
    again = marketplace.run("swo_contacts", check=True, src=[str(dest)])
    assert (again.failed, again.values["changed"], again.values["counts"]["unchanged"]) == (False, False, 3)


def test_a_snapshot_is_refused_because_it_would_be_of_another_account(tmp_path: Path) -> None:
    marketplace = account_with_token()
    dest, snapshot = tmp_path / "contacts.yml", tmp_path / "snapshot.json"

    result = marketplace.run("swo_contacts_export", dest=str(dest), snapshot_dest=str(snapshot))

    assert result.failed
    assert "holds a part of the API token, so no snapshot was made." in result.values["msg"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("check", [True, False], ids=["check", "apply"])
@pytest.mark.parametrize("unmanaged", ["drift", "delete"])
def test_no_file_of_a_run_has_it(tmp_path: Path, check: bool, unmanaged: str) -> None:
    marketplace = account_with_token()
    secret = secret_of(marketplace)
    folder = tmp_path / "files"
    names = ("undo_file", "adopt_file") if check else ("undo_file",)
    files: dict[str, Any] = {name: str(folder / f"{name}.yml") for name in names}
    files["reports"] = [str(folder / f"report.{ending}") for ending in ("json", "md", "html", "xml")]
    entries = [entry(1, name="M", opt_outs=[]), entry(2, state="present", unblock="always")]
    options = {"max_removals": ["9"], "scope": {"emails": ["*@contoso.example"]}, "unmanaged": unmanaged}

    result = marketplace.run("swo_contacts", check=check, contacts=entries, **files, **options)

    assert not result.failed, result.values
    assert leaks(marketplace, folder) == []
    assert not any(part in str(result.values) for part in windows(marketplace))
    if check:
        read = marketplace.run("swo_contact_files_info", src=[files["adopt_file"]])
        assert not read.failed, read.values
        if unmanaged == "drift":
            assert "is left out: email: it holds a part of the API token" in Path(files["adopt_file"]).read_text(
                "utf-8"
            )
    else:
        back = marketplace.run("swo_contacts", contacts=None, src=[files["undo_file"]])
        assert not back.failed, back.values
        assert {row["name"] for row in store_of(marketplace)} >= {"M", "C", secret[:9]}


def test_the_record_leaves_a_contact_with_it_out(tmp_path: Path) -> None:
    marketplace = account_with_token()
    secret = secret_of(marketplace)
    (contact,) = marketplace.live(f"{secret[:12]}@contoso.example")
    record = tmp_path / "applied.json"
    entries = [{"id": contact["id"], "name": "B"}, entry(3, name="D")]

    result = marketplace.run("swo_contacts", contacts=entries, applied_file=str(record))

    assert not result.failed, result.values
    assert leaks(marketplace, tmp_path) == []
    assert address(3) in record.read_text("utf-8")
    again = marketplace.run("swo_contacts", contacts=entries, applied_file=str(record))
    assert (again.failed, again.values["changed"]) == (False, False)
