# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Run a module's runner in Ansible's own worker process where the task runs locally anyway.

Starting a Python process for a module costs far more than a request does. The items of a loop share one worker, so
they share its connection to the API too. Whatever asks for a process of its own gets one: the module is then shipped
as usual, and the result is the same.
"""

from __future__ import annotations

import platform
import sys
from typing import Any, Callable, Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from ansible_collections.softwareone.marketplace.plugins.module_utils._argspec import Spec
from ansible_collections.softwareone.marketplace.plugins.module_utils._connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._failure import internal_error
from ansible_collections.softwareone.marketplace.plugins.module_utils._http import Request, Response
from ansible_collections.softwareone.marketplace.plugins.module_utils._redact import Redactor
from ansible_collections.softwareone.marketplace.plugins.module_utils._runner import Task, TaskResult
from ansible_collections.softwareone.marketplace.plugins.module_utils._transport import (
    RequestsTransport,
    has_requests,
)
from ansible_collections.softwareone.marketplace.plugins.plugin_utils._progress import ProgressLines, interval

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

_display = Display()
_idle: dict[Connection, list[RequestsTransport]] = {}


class _LeasedTransport:
    """A transport that outlives the task, so that the next item of a loop finds the connection open."""

    def __init__(self, connection: Connection) -> None:
        idle = _idle.setdefault(connection, [])
        self._idle = idle
        self._transport = idle.pop() if idle else RequestsTransport(connection)

    def send(self, request: Request) -> Response:
        return self._transport.send(request)

    def close(self) -> None:
        """Hand it back; the connection ends with the worker."""
        self._idle.append(self._transport)


class MarketplaceAction(ActionBase):
    """Base of the action plugins; each names the module's spec and its runner."""

    spec: Spec
    path_options: tuple[str, ...] = ()
    runner: Callable[[Task], TaskResult]

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._needs_process(task_vars or {}):
            wrap_async = self._task.async_val and not self._connection.has_native_async
            arguments = self._with_absolute_paths(self._task.args)
            shipped = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
            return dict(merge_hash(result, shipped))
        result.update(self._run_here())
        return result

    def _needs_process(self, task_vars: dict[str, Any]) -> bool:
        return (
            self._connection.transport != "local"
            or bool(self._connection.become or self._task.become)
            or bool(self._task.async_val)
            or any(self._task.environment or [])
            or self._has_other_interpreter(task_vars)
            # A forked process that asks for proxies crashes on macOS.
            or platform.system() == "Darwin"
            or not has_requests()
        )

    def _has_other_interpreter(self, task_vars: dict[str, Any]) -> bool:
        interpreter = task_vars.get("ansible_python_interpreter")
        return bool(interpreter) and self._templar.template(interpreter) != sys.executable

    def _run_here(self) -> dict[str, Any]:
        """The result as the module would return it, masked as ansible-core masks a module's."""
        arguments = self.spec.module_arguments()
        del arguments["supports_check_mode"]
        checked = ArgumentSpecValidator(**arguments).validate(self._with_absolute_paths(self._task.args))
        params = checked.validated_parameters
        redactor = Redactor(str(params.get("api_token") or "").strip())
        invocation = {"invocation": {"module_args": {**redactor.value(params), "api_token": HIDDEN}}}
        if checked.error_messages:
            return {**invocation, "failed": True, "msg": redactor.text(self._validation_message(checked.errors))}
        try:
            progress = ProgressLines(_display.display, interval(sys.stdout.isatty()))
            task = Task(params, self._task.check_mode, bool(self._task.diff), _LeasedTransport, progress=progress)
            outcome = self.runner(task)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # The text of an unexpected exception can hold anything, the token included.
            return {**invocation, "failed": True, "changed": True, "msg": internal_error(error)}
        warnings = {"warnings": outcome.warnings} if outcome.warnings else {}
        return {**invocation, **warnings, **outcome.values, "failed": outcome.failed}

    def _with_absolute_paths(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with paths relative to the playbook, as far as the task runs on this machine."""
        changed = dict(arguments)
        if self._connection.transport == "local":
            for option in self.path_options:
                if changed.get(option):
                    changed[option] = self._absolute(changed[option])
        return changed

    def _absolute(self, value: Any) -> Any:
        if isinstance(value, str) and "," not in value:
            return self._loader.path_dwim(value)
        if isinstance(value, list):
            return [self._absolute(path) for path in value]
        return value

    def _validation_message(self, errors: Any) -> str:
        if isinstance(errors[0], UnsupportedError):
            return f"Unsupported parameters for ({self._task.resolved_action}) module: {errors.msg}"
        return str(errors.msg)
