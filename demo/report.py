# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: what an HTML report says, read from the page as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_STATUS = re.compile(r'<body data-status="(\w+)">')
_ROW = re.compile(r'<tr data-outcome="(\w+)">.*?<bdi>(.*?)</bdi>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Report:
    """The verdict of a report, and the contacts that its table lists."""

    status: str
    emails: tuple[str, ...]


def read(page: str) -> Report:
    status = _STATUS.search(page)
    emails = (unescape(_TAG.sub("", cell)) for outcome, cell in _ROW.findall(page) if outcome != "unchanged")
    return Report(status[1] if status else "unreadable", tuple(sorted(emails)))
