# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Between a module and its runner: the only util that is handed an AnsibleModule."""

from __future__ import annotations

from typing import Callable, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._api.transport import has_requests
from .._errors import internal_error
from .._text import Redactor
from .task import Task, TaskResult


def run_module(module: AnsibleModule, run: Callable[[Task], TaskResult]) -> NoReturn:
    """Run a task and leave the process with its result."""
    if not has_requests():
        module.fail_json(msg=missing_required_lib("requests"))
    # The option is masked as it was given; a server may echo it without the spaces or only the secret part.
    module.no_log_values.update(Redactor((module.params.get("api_token") or "").strip()).secrets)
    try:
        result = run(Task(module.params, module.check_mode, module._diff))
    except Exception as error:  # pylint: disable=broad-exception-caught
        # The text of an unexpected exception can hold anything, the token included.
        module.fail_json(msg=internal_error(error), changed=True)
    for warning in result.warnings:
        module.warn(warning)
    if result.failed:
        module.fail_json(**result.values)
    module.exit_json(**result.values)
