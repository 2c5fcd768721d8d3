# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""``swo_contacts_overview``: one look at several accounts, from the results of their tasks."""

from __future__ import annotations

from datetime import datetime, timezone

from .._errors import SwoError
from .._report.effects import APPLIED, DRIFT
from .._report.overview import overview
from .._report.report_files import write_overview
from .._report.result import failed_result
from .outputs import refuse_unusable
from .task import Task, TaskResult


def run_contacts_overview(task: Task) -> TaskResult:
    """Write an overview of what became of each account; like every report, in check mode, too."""
    params = task.params
    view = APPLIED if task.mode == "apply" and params["view"] != DRIFT else params["view"]
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = overview(params["accounts"], view, now)
    values = {
        "changed": False,
        "status": found["status"],
        "counts": found["counts"],
        "differences": found["differences"],
        "categories": found["categories"],
        "accounts": found["accounts"],
    }
    try:
        refuse_unusable([("dest", path) for path in params["dest"]])
        write_overview(found, params["dest"], params["report_privacy"])
    except SwoError as error:
        return TaskResult({**values, **failed_result(error)}, failed=True)
    return TaskResult(values)
