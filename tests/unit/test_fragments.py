# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes need a changelog fragment."""

from __future__ import annotations

import pytest

from tests.tools.fragments import lacking


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        ([], []),
        (["M\tREADME.md", "A\ttests/unit/test_x.py"], []),
        (["M\tplugins/modules/swo_contact.py"], ["plugins/modules/swo_contact.py"]),
        (["M\troles/contacts/tasks/main.yml", "M\tREADME.md"], ["roles/contacts/tasks/main.yml"]),
        (["D\tplugins/lookup/x.py"], ["plugins/lookup/x.py"]),
        (["M\tplugins/modules/swo_contact.py", "A\tchangelogs/fragments/x.yml"], []),
        (["M\tplugins/modules/swo_contact.py", "M\tchangelogs/fragments/x.yml"], []),
        (["M\tplugins/modules/swo_contact.py", "D\tchangelogs/fragments/x.yml"], ["plugins/modules/swo_contact.py"]),
        (["M\tplugins/x.py", "D\tchangelogs/fragments/x.yml", "M\tchangelogs/changelog.yaml"], []),
    ],
)
def test_changes(changes: list[str], without: list[str]) -> None:
    assert lacking(changes) == without
