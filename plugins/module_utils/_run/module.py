# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Between a module and its runner: the only util that knows AnsibleModule."""

from __future__ import annotations

from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from .._api.transport import has_requests
from .._errors import internal_error
from .._text import Redactor
from .refusal import Runner, refused_values
from .specs import Spec
from .task import Task, TaskResult


class _Module(AnsibleModule):
    """An AnsibleModule whose runner is told, too, of what stops it before it has begun: it may have to report it."""

    def __init__(self, spec: Spec, runner: Runner) -> None:
        self._spec, self._runner = spec, runner
        # Calls fail_json if the options cannot be used.
        super().__init__(**spec.module_arguments())  # type: ignore[no-untyped-call]
        # The option is masked as it was given; a server may echo it without the spaces or only the secret part.
        self.no_log_values.update(self._redactor().secrets)

    def fail_json(self, msg: str, **values: Any) -> NoReturn:
        shown = self._redactor().text(remove_values(msg, {*self.no_log_values, *self._redactor().secrets}))
        task = Task(self.params, self.check_mode, self._diff, refusal=shown, verbosity=self._verbosity)
        refused = refused_values(self._spec, self._runner, task)
        super().fail_json(**{**refused, **values, "msg": shown})

    def end(self, result: TaskResult) -> NoReturn:
        """Leave the process with what the runner has told."""
        for warning in result.warnings:
            self.warn(warning)
        if result.failed:
            super().fail_json(**result.values)
        self.exit_json(**result.values)

    def _redactor(self) -> Redactor:
        return Redactor(str(self.params.get("api_token") or "").strip())


def run_module(spec: Spec, runner: Runner) -> NoReturn:
    """Run a task and leave the process with its result."""
    module = _Module(spec, runner)
    if spec.connects and not has_requests():
        module.fail_json(missing_required_lib("requests"))
    try:
        result = runner(Task(module.params, module.check_mode, module._diff, verbosity=module._verbosity))
    except Exception as error:  # pylint: disable=broad-exception-caught
        # The text of an unexpected exception can hold anything, the token included.
        result = TaskResult({"msg": internal_error(error), "changed": True}, failed=True)
    module.end(result)
