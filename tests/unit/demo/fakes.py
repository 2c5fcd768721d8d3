# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks' part, in this process: same work and same output, without the seconds that Ansible takes to start."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._run.contacts import run_contacts
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.files import run_contacts_export
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import (
    SWO_CONTACTS,
    SWO_CONTACTS_EXPORT,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.task import Task, TaskResult
from demo import expect
from demo.playbook import HERE, Run
from demo.screen import Screen
from demo.steps import StepError

CONTACTS = expect.merged(yaml.safe_load((HERE / "contacts.yml").read_text(encoding="utf-8")))
for _contact in CONTACTS:
    _contact.pop("profiles", None)


def told(tour: Callable[..., Any], on: Any, runs: Callable[..., Run]) -> str:
    """What a tour shows on one account or several."""
    stream = io.StringIO()
    tour(on, Screen(stream), runs).tell()
    return stream.getvalue()


def failed(tour: Callable[..., Any], on: Any, runs: Callable[..., Run]) -> str:
    with pytest.raises(StepError) as caught:
        told(tour, on, runs)
    return str(caught.value)


def write_below(folder: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, *names: str) -> None:
    """Let ``module`` write the files that these of its constants name below another folder."""
    (folder / "demo" / "out").mkdir(parents=True)
    monkeypatch.setattr("tests.unit.demo.fakes.HERE", folder / "demo")
    for name in names:
        monkeypatch.setattr(module, name, folder / "demo" / "out" / getattr(module, name).name)


class Runs:
    """Each member spoils the run with the number of its key, or every run."""

    def __init__(self) -> None:
        self.number = 0
        self.contacts: dict[int, list[dict[str, Any]]] = {}
        self.check: dict[int, bool] = {}
        self.codes: dict[int, int] = {}
        self.output: Callable[[int, str], str] = lambda _number, text: text
        self.report: Callable[[int, str], str] = lambda _number, text: text
        self.before: Callable[[int], None] = lambda _number: None
        self.after: Callable[[int], None] = lambda _number: None

    def __call__(self, environment: Mapping[str, str], _screen: Screen, name: str, *options: str) -> Run:
        self.number += 1
        variables = dict(option.split("=", 1) for option in options if "=" in option)
        self.before(self.number)
        work = {"validate": self._validate, "export": self._export}.get(name, self._contacts)
        run = work(
            name,
            {**environment, **variables},
            name == "drift" or "--check" in options,
            name == "drift" or "--diff" in options,
        )
        self.after(self.number)
        return Run(self.codes.get(self.number, run.code), self.output(self.number, run.output))

    def _validate(self, _name: str, _values: Mapping[str, str], _check: bool, _diff: bool) -> Run:
        return Run(0, "11 contacts in the files, without a fault.\n")

    def _contacts(self, name: str, values: Mapping[str, str], check: bool, diff: bool) -> Run:
        report = values.get("swo_contacts_reports")
        params = {**connection(values), "contacts": self.contacts.get(self.number, CONTACTS)}
        if report:
            params["reports"] = [str(HERE.parent / report)]
        record = values.get("swo_contacts_applied_file")
        if record:
            params["applied_file"] = str(HERE.parent / record)
        check = self.check.get(self.number, check or name == "drift")
        result = done(run_contacts, SWO_CONTACTS, params, check)
        if report:
            self._respell(HERE.parent / report)
        text = result.values["diff"]["prepared"] if diff else ""
        is_red = name == "drift" and result.values["changed"] and result.values["status"] != "pending"
        return Run(2 if is_red else 0, f"{text}localhost : ok=1 changed={int(result.values['changed'])}\n")

    def _export(self, _name: str, values: Mapping[str, str], _check: bool, _diff: bool) -> Run:
        path = HERE.parent / values["swo_contacts_dest"]
        done(run_contacts_export, SWO_CONTACTS_EXPORT, {**connection(values), "dest": str(path)}, False)
        self._respell(path)
        return Run(0, "")

    def _respell(self, path: Path) -> None:
        text = self.report(self.number, path.read_text(encoding="utf-8"))
        if text:
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink()


def connection(values: Mapping[str, str]) -> dict[str, Any]:
    return {"api_url": values["SWO_API_URL"], "api_token": values["SWO_API_TOKEN"]}


def done(work: Callable[[Task], TaskResult], spec: Any, params: dict[str, Any], check: bool) -> TaskResult:
    result = work(Task(validated(spec, params), check, diff=True))
    assert not result.failed, result.values
    return result


def validated(spec: Any, params: dict[str, Any]) -> dict[str, Any]:
    checked = ArgumentSpecValidator(spec.argument_spec()).validate(params)
    assert not checked.error_messages, checked.error_messages
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters
