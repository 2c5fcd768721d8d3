# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Tasks that are refused before they begin; an earlier report must not pass for one of such a run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Callable, Mapping

from .._errors import InputError, option_named
from .._text import quoted
from .specs import Spec
from .task import Task, TaskResult

Runner = Callable[[Task], TaskResult]

# What the playbooks give for a host that has no plan among those that were reviewed is equal to no hash.
_PLAN_HASH = re.compile("[0-9a-f]{64}|none for .*")


def refused_values(spec: Spec, runner: Runner, task: Task) -> dict[str, Any]:
    """The values of a task that has a ``refusal``; its runner writes the reports, as far as they can be used."""
    if "reports" not in spec.options:
        return {"msg": task.refusal}
    return runner(replace(task, params=_usable(spec, task.params))).values


def _usable(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """Where to report, as far as it can be used, and the defaults of everything else."""
    usable = {name: option.get("default") for name, option in spec.argument_spec().items()}
    paths, privacy = params.get("reports"), params.get("report_privacy")
    usable["reports"] = [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []
    # Whoever misspelled it meant to mask.
    usable["report_privacy"] = privacy if privacy in (None, "full") else "masked"
    usable["api_token"] = str(params.get("api_token") or "")
    return usable


def refuse_empty_guards(params: Mapping[str, Any]) -> None:
    """A variable or a command that turned out empty must not lift what holds a run back.

    :raises InputError: an option is given, and nothing is in it, or no hash where that of a plan has to be
    """
    reviewed = reviewed_plan(params)
    if reviewed == "":
        raise InputError(
            f"{option_named('expect_plan')} is empty, so no plan can be the reviewed one.",
            "Give the whole hash, or leave it out where no plan was reviewed.",
        )
    # A plan without changes passes whatever is expected, so that a wrong form would show on a later day.
    if reviewed is not None and not _PLAN_HASH.fullmatch(reviewed):
        raise InputError(
            f"{option_named('expect_plan')} is {quoted(reviewed)}, but the hash of a plan is 64 lower-case "
            "hexadecimal digits; nothing was written.",
            "It is the plan_hash of the check run's result and report, and stands in the last lines of its output.",
        )
    if params.get("max_changes") == []:
        raise InputError(
            f"{option_named('max_changes')} is empty, which limits nothing.", "Give a number, or leave it out."
        )


def reviewed_plan(params: Mapping[str, Any]) -> str | None:
    """The hash that ``expect_plan`` gives, without blanks around it; None if it is left out."""
    expected: str | None = params.get("expect_plan")
    return expected if expected is None else expected.strip()
