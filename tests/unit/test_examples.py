# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the modules, held to what they accept and return."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.softwareone.marketplace.plugins.module_utils._api.connection import (
    API_TOKEN_VARIABLES,
    API_URL_VARIABLES,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._contacts.categories import Category
from ansible_collections.softwareone.marketplace.plugins.module_utils._errors import InputError
from ansible_collections.softwareone.marketplace.plugins.module_utils._report.result import (
    category_view,
    failed_result,
    no_contact_view,
)
from ansible_collections.softwareone.marketplace.plugins.module_utils._run import specs as _argspec
from ansible_collections.softwareone.marketplace.plugins.module_utils._run.specs import CONNECTION, Spec
from tests.tools.devtree import ROOT

COLLECTION = "softwareone.marketplace."
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
TOKEN = "idt:TKN-1111-2222:0123456789abcdef"


def spec_of(module: str) -> Spec:
    spec = getattr(_argspec, module.upper())
    assert isinstance(spec, Spec)
    return spec


# The modules that reach the API; one that only reads files has no connection options.
ONLINE = [module for module in MODULES if spec_of(module).connects]


def texts(module: str) -> dict[str, Any]:
    """DOCUMENTATION, EXAMPLES and RETURN as they stand in the module."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: yaml.safe_load(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def ansible_doc(*arguments: str) -> str:
    names = [COLLECTION + module for module in MODULES]
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--type", "module", *arguments, *names]
    environment = {**os.environ, "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1", "COLUMNS": "120"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def documented() -> dict[str, Any]:
    """The whole documentation of all modules, fragments merged, as ansible-doc has it."""
    found: dict[str, Any] = json.loads(ansible_doc("--json"))
    return {name[len(COLLECTION) :]: entry for name, entry in found.items()}


def tasks(items: list[dict[str, Any]], defaults: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Module and options of every task, those in blocks included, with the defaults of the action group."""
    for item in items:
        inner = {**defaults, **item.get("module_defaults", {}).get(f"group/{COLLECTION}all", {})}
        for part in ("block", "rescue", "always", "tasks"):
            yield from tasks(item.get(part, []), inner)
        for key, options in item.items():
            if key.startswith(COLLECTION):
                yield key[len(COLLECTION) :], {**inner, **options}


def example_tasks() -> list[Any]:
    found = []
    for module in MODULES:
        for number, (used, options) in enumerate(tasks(texts(module)["EXAMPLES"], {}), 1):
            found.append(pytest.param(used, options, id=f"{module} example {number}"))
    return found


def problems(module: str, options: dict[str, Any]) -> list[str]:
    """What the module would say against these options."""
    arguments = spec_of(module).module_arguments()
    del arguments["supports_check_mode"]
    # The examples leave the token to the environment where it is not their point.
    token = {"api_token": TOKEN} if module in ONLINE else {}
    declared = spec_of(module).options
    # A template gives a dictionary where a text could be none.
    given = {
        name: {} if str(value).startswith("{{") and declared.get(name, {}).get("type") == "dict" else value
        for name, value in options.items()
    }
    checked = ArgumentSpecValidator(**arguments).validate({**token, **given})
    return list(checked.error_messages)


@pytest.mark.parametrize(("module", "options"), example_tasks())
def test_an_example_is_accepted_by_its_module(module: str, options: dict[str, Any]) -> None:
    assert problems(module, options) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_examples_with_a_name_and_its_full_name(module: str) -> None:
    examples = texts(module)["EXAMPLES"]
    assert module in {used for used, _options in tasks(examples, {})}
    assert all(example["name"][0].isupper() for example in examples)


@pytest.mark.parametrize("module", MODULES)
def test_a_wrong_example_would_be_noticed(module: str) -> None:
    assert problems(module, {"emial": "x"})
    for names in spec_of(module).required_one_of:
        assert problems(module, {})
        assert names
    for names in spec_of(module).mutually_exclusive:
        assert problems(module, dict.fromkeys(names, "x"))
    for name, option in spec_of(module).options.items():
        if "choices" in option:
            assert problems(module, {"email": "a@x.example", name: "wrong"})


@pytest.mark.parametrize("module", MODULES)
def test_the_documented_options_are_those_of_the_spec(module: str, documented: dict[str, Any]) -> None:
    written = documented[module]["doc"]["options"]
    declared = spec_of(module).argument_spec()
    assert written.keys() == declared.keys()
    for name, option in declared.items():
        assert_same_option(f"{module}.{name}", written[name], option)


def assert_same_option(name: str, written: dict[str, Any], declared: dict[str, Any]) -> None:
    assert written["type"] == declared["type"], name
    assert written.get("elements") == declared.get("elements"), name
    assert written.get("default") == declared.get("default"), name
    assert written.get("required", False) == declared.get("required", False), name
    assert list(written.get("choices") or []) == list(declared.get("choices") or []), name
    assert written["description"], name
    assert set(written.get("suboptions") or {}) == set(declared.get("options") or {}), name
    for sub, option in (declared.get("options") or {}).items():
        assert_same_option(f"{name}.{sub}", written["suboptions"][sub], dict(option))


def test_the_connection_options_name_their_variables(documented: dict[str, Any]) -> None:
    variables = {
        "api_url": API_URL_VARIABLES,
        "api_token": API_TOKEN_VARIABLES,
        "api_timeout": ("SWO_API_TIMEOUT",),
        "validate_certs": ("SWO_VALIDATE_CERTS",),
        "ca_path": ("SWO_CA_PATH",),
        "expect_account": ("SWO_EXPECT_ACCOUNT",),
    }
    assert variables.keys() == CONNECTION.keys()
    for name, names in variables.items():
        assert tuple(CONNECTION[name]["fallback"][1]) == names
        for module in ONLINE:
            text = " ".join(documented[module]["doc"]["options"][name]["description"])
            assert [f"E({variable})" in text for variable in names] == [True] * len(names)


def test_the_token_is_never_shown() -> None:
    assert [name for name, option in CONNECTION.items() if option.get("no_log")] == ["api_token"]


@pytest.mark.parametrize("module", ONLINE)
def test_a_variable_of_the_environment_stands_in_for_an_option(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = spec_of(module).module_arguments()
    validator = ArgumentSpecValidator(arguments["argument_spec"])
    given = {name: "x" for name, option in arguments["argument_spec"].items() if option.get("required")}

    def params() -> dict[str, Any]:
        checked = validator.validate(given)
        assert checked.error_messages == []
        return dict(checked.validated_parameters)

    for name in (*API_TOKEN_VARIABLES, *API_URL_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    assert params()["api_token"] is None
    monkeypatch.setenv("SWO_API_TOKEN", "")
    assert params()["api_token"] is None
    monkeypatch.setenv("MPT_API_TOKEN", TOKEN)
    monkeypatch.setenv("SWO_API_TIMEOUT", "7")
    monkeypatch.setenv("SWO_VALIDATE_CERTS", "")
    found = params()
    assert (found["api_token"], found["api_timeout"], found["validate_certs"]) == (TOKEN, 7, True)


def returned(values: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in values.items():
        yield f"{path}.{name}", value
        yield from returned(value.get("contains", {}), f"{path}.{name}")


SAMPLES = {"str": str, "int": int, "bool": bool, "dict": dict, "list": list}


@pytest.mark.parametrize("module", MODULES)
def test_every_returned_value_is_described_and_every_leaf_has_a_sample(module: str) -> None:
    values = list(returned(texts(module)["RETURN"], module))
    assert values
    for name, value in values:
        assert value["description"], name
        assert ("elements" in value) is (value["type"] == "list"), name
        if "contains" not in value:
            assert "sample" in value, name
            assert value["sample"] is None or isinstance(value["sample"], SAMPLES[value["type"]]), name
    for name, value in texts(module)["RETURN"].items():
        assert value["returned"], name


def keys(module: str, name: str) -> set[str]:
    return set(texts(module)["RETURN"][name]["contains"])


def test_the_documented_keys_are_those_that_are_returned() -> None:
    assert keys("swo_contact", "contact") == set(no_contact_view(None))
    assert keys("swo_contact_info", "contacts") - {"audit"} == set(no_contact_view(None))
    assert keys("swo_category_info", "categories") == set(category_view(Category("NTC-1", "x")))
    failure = failed_result(InputError("x"))["failure"]
    assert keys("swo_contact", "failure") == set(failure)
    for module in ("swo_contact_info", "swo_category_info"):
        assert set(texts(module)["RETURN"]["failure"]["sample"]) == set(failure)


def test_the_action_group_has_every_module_that_reaches_the_api() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"] == {"all": ONLINE}
    assert set(ONLINE) >= {"swo_contact", "swo_contact_info", "swo_category_info"}


def test_every_module_has_an_action_plugin_of_its_name() -> None:
    assert sorted(path.stem for path in (ROOT / "plugins" / "action").glob("*.py")) == MODULES


def test_ansible_doc_renders_every_module() -> None:
    shown = ansible_doc()
    for module in MODULES:
        assert f"{COLLECTION}{module}" in shown
        for name in spec_of(module).argument_spec():
            assert re.search(rf"^ *[=-] {name}\b", shown, re.MULTILINE), name
    assert shown.count("EXAMPLES:") == shown.count("RETURN VALUES:") == len(MODULES)
