# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Between a module and its runner: the only util that knows AnsibleModule."""

from __future__ import annotations

from typing import Any, Mapping, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._api.transport import missing_library, warning_of_old_requests
from .._errors import internal_error
from .masking import ResultMask
from .refusal import Runner, refused_values
from .specs import Spec
from .task import Task, TaskResult


class _Module(AnsibleModule):
    """An AnsibleModule whose runner is told, too, of what stops it before it has begun: it may have to report it."""

    def __init__(self, spec: Spec, runner: Runner) -> None:
        self._spec, self._runner = spec, runner
        # Calls fail_json if the options cannot be used.
        super().__init__(**spec.module_arguments())  # type: ignore[no-untyped-call]

    def fail_json(self, msg: str, **values: Any) -> NoReturn:
        mask = ResultMask(self.params)
        shown = mask.value(msg)
        task = Task(self.params, self.check_mode, self._diff, refusal=shown, verbosity=self._verbosity)
        refused = refused_values(self._spec, self._runner, task)
        super().fail_json(**self._masked(mask, {**refused, **values, "msg": shown}))

    def end(self, result: TaskResult) -> NoReturn:
        """Leave the process with what the runner has told."""
        mask = ResultMask(self.params)
        old = warning_of_old_requests() if self._spec.connects else []
        for warning in [*old, *result.warnings]:
            self.warn(mask.value(warning))
        values = self._masked(mask, result.values)
        if result.failed:
            super().fail_json(**values)
        self.exit_json(**values)

    def _masked(self, mask: ResultMask, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with the arguments, which ansible-core drops where it shows none."""
        return dict(mask.value({"invocation": {"module_args": self.params}, **values}))


def run_module(spec: Spec, runner: Runner) -> NoReturn:
    """Run a task and leave the process with its result."""
    module = _Module(spec, runner)
    if spec.connects and missing_library():
        lacking = f", which lacks {missing_library()}" if missing_library() != "requests" else ""
        reason = f"to call the API of the Marketplace{lacking}"
        module.fail_json(missing_required_lib("requests", reason=reason))
    try:
        result = runner(Task(module.params, module.check_mode, module._diff, verbosity=module._verbosity))
    except Exception as error:  # pylint: disable=broad-exception-caught
        # The text of an unexpected exception can hold anything, the token included.
        result = TaskResult({"msg": internal_error(error), "changed": True}, failed=True)
    module.end(result)
