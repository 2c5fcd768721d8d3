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

import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import threading
import traceback
from typing import Any, Mapping

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.validation import check_type_list
from ansible.module_utils.errors import NoLogError, UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import merge_hash

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import Connection
from ansible_collections.softwareone.marketplace.plugins.module_utils._api.transport import (
    Request,
    RequestsTransport,
    Response,
    missing_library,
    warning_of_old_requests,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import NotSentError, internal_error
from ansible_collections.softwareone.marketplace.plugins.module_utils._files.documents import STARTED_IN
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.masking import ResultMask
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.refusal import Runner, refused_values
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.signals import reraise_signals
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import Spec
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task
from ansible_collections.softwareone.marketplace.plugins.plugin_utils._progress import ProgressLines, interval

_display = Display()
_idle: dict[Connection, list[RequestsTransport]] = {}


class _LeasedTransport:
    """A transport that outlives the task, so that the next item of a loop finds the connection open.

    The worker outlives the task, too, and with it a thread that was abandoned in a call. Nothing is sent once the
    lease is over, and a transport that is still in a call is not leased again.
    """

    def __init__(self, connection: Connection) -> None:
        idle = _idle.setdefault(connection, [])
        self._idle = idle
        self._transport = idle.pop() if idle else RequestsTransport(connection)
        self._lock = threading.Lock()
        self._is_over = self._is_in_call = False

    def send(self, request: Request) -> Response:
        with self._lock:
            if self._is_over:
                raise NotSentError("The task has ended.", retryable=False)
            self._is_in_call = True
        response = self._transport.send(request)
        self._is_in_call = False
        return response

    def close(self) -> None:
        """Hand it back, unless the last call failed or goes on; the connection ends with the worker."""
        with self._lock:
            if not self._is_over and not self._is_in_call:
                self._idle.append(self._transport)
            self._is_over = True


class MarketplaceAction(ActionBase):
    """Base of the action plugins; each names the module's spec and its runner."""

    spec: Spec
    path_options: tuple[str, ...] = ()
    # Options that hold a run back. To Ansible null is the same as not given, but a template that comes to nothing must
    # not lift them: before ansible-core 2.19 it came to an empty text, and to that it is made here.
    guards: tuple[str, ...] = ("expect_account",)
    runner: Runner

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        _end_with_ansible()
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = self._with_absolute_paths(self._task.args)
        arguments.update({option: "" for option in self.guards if arguments.get(option, "") is None})
        if "account_name" in self.spec.options and not arguments.get("account_name"):
            arguments["account_name"] = str(variables.get("inventory_hostname"))
        checked = self._checked(arguments)
        # Where a dictionary is expected and something else is given, ansible-core finds no secrets any more, so that
        # the module would show the token.
        cannot_mask = any(isinstance(error, NoLogError) for error in checked.errors.errors)
        if self._needs_process(variables) and not cannot_mask:
            result = dict(merge_hash(result, self._ship(arguments, task_vars)))
        else:
            result.update(self._run_here(checked, variables))
        _end_with_ansible()
        self._show_what_callbacks_hide(result, variables.get("inventory_hostname"))
        return result

    def _show_what_callbacks_hide(self, result: Mapping[str, Any], host: Any) -> None:
        """Ansible shows the diff of what was changed; drift and a plan that was refused are for reading as well."""
        diff = result.get("diff")
        if isinstance(diff, dict) and diff.get("prepared") and not result.get("changed") and not self._task.no_log:
            head = f"{self._task.args.get('view') or 'plan'}: [{host}]\n"
            is_default = C.config.get_config_value("DEFAULT_STDOUT_CALLBACK") == "default"
            # It stands where this callback would show it; another one may print JSON there.
            _display.display(head + diff["prepared"].rstrip("\n"), stderr=not is_default)

    def _ship(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        wrap_async = self._task.async_val and not self._connection.has_native_async
        if self._connection.transport == "local":
            self._task.environment = [*(self._task.environment or []), {STARTED_IN: os.getcwd()}]
        try:
            shipped = self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async)
        except BaseException as error:
            # The task has ended, as by its timeout, and nobody tells the module, which would write on.
            for frame, _line in traceback.walk_tb(error.__traceback__):
                for process in frame.f_locals.values():
                    if isinstance(process, subprocess.Popen):
                        process.terminate()
            raise
        return dict(shipped)

    def _needs_process(self, variables: Mapping[str, Any]) -> bool:
        return (
            self._connection.transport != "local"
            or bool(self._connection.become or self._task.become)
            or bool(self._task.async_val)
            or any(self._task.environment or [])
            or self._has_other_interpreter(variables)
            # A forked process that asks for proxies crashes on macOS.
            or (self.spec.connects and (platform.system() == "Darwin" or bool(missing_library())))
        )

    def _has_other_interpreter(self, variables: Mapping[str, Any]) -> bool:
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        interpreter = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON")
        name = str(self._templar.template(interpreter))
        # The automatic choice asks for no interpreter in particular.
        return name != sys.executable and not name.startswith("auto")

    def _checked(self, arguments: Mapping[str, Any]) -> ValidationResult:
        settings = self.spec.module_arguments()
        del settings["supports_check_mode"]
        checked: ValidationResult = ArgumentSpecValidator(**settings).validate(arguments)
        return checked

    def _run_here(self, checked: ValidationResult, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The result as the module would return it, without the token."""
        params = checked.validated_parameters
        mask = ResultMask(params)
        result = self._refused(checked, mask) if checked.error_messages else self._result_of(params, variables)
        if _shows_invocation(variables):
            result["invocation"] = {"module_args": params}
        return dict(mask.value(result))

    def _result_of(self, params: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        progress = ProgressLines(self._show, interval(), str(variables.get("inventory_hostname")))
        try:
            task = Task(
                params,
                self._task.check_mode,
                bool(self._task.diff),
                _LeasedTransport,
                progress=progress,
                verbosity=_display.verbosity,
                decrypt=self._decrypted,
            )
            outcome = self.runner(task)
            # Ansible is about to end, and takes no result any more: a worker that sends one would wait for ever.
            reraise_signals()
        except Exception as error:  # pylint: disable=broad-exception-caught
            # The text of an unexpected exception can hold anything, the token included.
            return {"failed": True, "changed": True, "msg": internal_error(error)}
        told = [*(warning_of_old_requests() if self.spec.connects else []), *outcome.warnings]
        return {**({"warnings": told} if told else {}), **outcome.values, "failed": outcome.failed}

    def _decrypted(self, path: str, content: bytes) -> bytes | None:
        """What ansible-vault has encrypted, opened in memory with the passwords of this run; None if none opens it.

        ``DataLoader`` offers no such thing in every ansible-core from 2.16 on, but it reads the same text as the value
        of a tag.
        """
        try:
            lines = content.decode("ascii").splitlines()
            value = self._loader.load("".join(["!vault |\n", *(f"  {line}\n" for line in lines)]), path, False)
            return str(value).encode("utf-8", "surrogateescape")
        except (AnsibleError, UnicodeDecodeError):
            return None

    def _show(self, line: str) -> None:
        # The standard output belongs to callbacks; some of them print JSON there.
        _display.display(line, stderr=True)

    def _with_absolute_paths(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with paths relative to the playbook, as far as the task runs on this machine."""
        changed = dict(arguments)
        if self._connection.transport == "local":
            for option in self.path_options:
                if changed.get(option):
                    changed[option] = self._absolute(changed[option], self.spec.options[option]["type"] == "list")
        return changed

    def _absolute(self, value: Any, is_list: bool) -> Any:
        if is_list and isinstance(value, (str, list)):
            return [self._absolute(path, False) for path in check_type_list(value)]
        # A home or a variable is for whoever runs the module to expand.
        if isinstance(value, str) and value and not value.startswith(("/", "~", "$")):
            return self._loader.path_dwim(value)
        return value

    def _refused(self, checked: ValidationResult, mask: ResultMask) -> dict[str, Any]:
        message = str(checked.errors.msg)
        if isinstance(checked.errors.errors[0], UnsupportedError):
            message = f"Unsupported parameters for ({self._task.action}) module: {message}"
        shown = mask.value(message)
        params = dict(checked.validated_parameters)
        if self._connection.transport != "local":
            # They belong to another machine.
            params.pop("reports", None)
        task = Task(params, self._task.check_mode, bool(self._task.diff), refusal=shown, verbosity=_display.verbosity)
        return {**refused_values(self.spec, self.runner, task), "failed": True, "msg": shown}


def _end_with_ansible() -> None:
    """End this worker if its ansible-playbook was killed.

    Nobody takes a result any more: a worker that hands over a large one would wait for ever, and one in a loop would go
    on with the next item.
    """
    ansible = multiprocessing.parent_process()
    if ansible is not None and ansible.pid != os.getppid():
        os.kill(os.getpid(), signal.SIGKILL)


def _shows_invocation(variables: Mapping[str, Any]) -> bool:
    """True if a module's result has its arguments."""
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=variables))
    except AnsibleError:
        # Before ansible-core 2.21 every result has them.
        return True
