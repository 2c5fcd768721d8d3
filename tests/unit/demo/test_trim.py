# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of Ansible's output for a reader."""

from __future__ import annotations

from demo.trim import Trim

FAILED = """\
[ERROR]: Task failed: Action failed: It is red.
Origin: /somewhere/tasks/summary.yml:20:3

18   run_once: true
20 - name: Fail where it did not go well
     ^ column 3

fatal: [localhost]: FAILED! => {"changed": false, "msg": "It is red."}
"""


def shown(text: str) -> list[str]:
    trim = Trim()
    lines = [line for raw in text.splitlines(keepends=True) for line, _style in trim.lines(raw)]
    return lines + [line for line, _style in trim.end()]


def test_a_task_without_a_result_is_left_out() -> None:
    text = "TASK [softwareone.marketplace.contacts : Note] ***\nok: [x]\n\nTASK [Sum] ****\nskipping: [x]\n"
    assert shown(text) == []


def test_a_task_with_a_result_shows_its_name() -> None:
    head = "\nTASK [softwareone.marketplace.contacts : Bring] *****\n"
    text = head + "~ ann@contoso.example (CTT-1)\n    name: A -> B\nchanged: [x]\n"
    assert shown(text) == ["TASK [Bring]", "~ ann@contoso.example (CTT-1)", "    name: A -> B", "changed: [x]"]


def test_messages() -> None:
    one = 'TASK [Say] *****\nok: [localhost] => {\n    "msg": "11 contacts"\n}\n'
    two = 'TASK [Say] *****\nok: [localhost] => {\n    "msg": [\n        "clean    a: 1",\n        "b"\n    ]\n}\n'
    assert shown(one + two) == ["11 contacts", "clean    a: 1", "b"]


def test_a_result_that_cannot_be_read_stays() -> None:
    assert shown("ok: [localhost] => {\n    nothing\n}\n") == ["{", "    nothing", "}"]
    assert shown('ok: [localhost] => {\n    "x": 1\n') == ["{", '    "x": 1']


def test_the_place_of_a_failure_is_left_out() -> None:
    assert shown(FAILED) == ["fatal: [localhost]: It is red."]
    assert shown(FAILED + FAILED) == ["fatal: [localhost]: It is red."]


def test_another_error_stays() -> None:
    text = "[ERROR]: the playbook: x.yml could not be found\n"
    assert shown(text) == ["[ERROR]: the playbook: x.yml could not be found"]
    assert shown(text + "PLAY RECAP ****\n") == ["[ERROR]: the playbook: x.yml could not be found"]
    assert shown("[WARNING]: Beware\n") == ["[WARNING]: Beware"]


def test_recap() -> None:
    recap = "PLAY RECAP ****\nhost   : ok=4    changed=0    unreachable=0    failed=1    skipped=2    rescued=0   \n"
    assert shown(recap) == ["host : ok=4 changed=0 failed=1"]
    many = 'ok: [a] => {\n    "msg": ["clean    a: 1", "accounts: 2, clean: 2"]\n}\n'
    assert shown(many + recap) == ["clean    a: 1", "accounts: 2, clean: 2"]
    assert shown(many.replace("2, clean", "1, clean") + recap) == ["clean    a: 1", "host : ok=4 changed=0 failed=1"]


def test_colours_stay() -> None:
    assert shown("\x1b[0;33mchanged: [localhost]\x1b[0m\n") == ["\x1b[0;33mchanged: [localhost]\x1b[0m"]
