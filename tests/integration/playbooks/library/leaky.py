# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that does on purpose what the modules of the collection must not do, so that the search proves itself."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from ansible.module_utils.basic import AnsibleModule

FORMS = {
    "plain": lambda text: text,
    "URL": urllib.parse.quote,
    "JSON": json.dumps,
    "Python": repr,
    "reversed": lambda text: text[::-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
}


def message(module, leak):
    module.fail_json(msg=f"It did not like {leak}.")


def warning(module, leak):
    module.warn(f"It did not like {leak}.")


def deprecation(module, leak):
    module.deprecate(f"It did not like {leak}.", version="99.0.0", collection_name="softwareone.marketplace")


def crash(_module, leak):
    raise RuntimeError(f"It did not like {leak}.")


def leave(_module, leak):
    sys.exit(f"It did not like {leak}.")


def result(module, leak):
    module.exit_json(detail=leak)


def diff(module, leak):
    module.exit_json(changed=True, diff={"before": leak, "after": ""})


def key(module, leak):
    module.exit_json(answer={leak: 1})


def home(_module, leak):
    write(os.path.expanduser("~/history"), leak)


def temporary(_module, leak):
    write(os.path.join(tempfile.gettempdir(), "leak"), leak)


def file_name(_module, leak):
    write(os.path.join(tempfile.gettempdir(), leak), "")


def server_log(module, leak):
    write(module.params["file"], leak)


def journal(module, leak):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(urllib.error.HTTPError):
        opener.open(f"{module.params['address']}/notifications/contacts?eq(name,{leak})", timeout=10).close()


PLACES = {
    "message": message,
    "warning": warning,
    "deprecation": deprecation,
    "exception": crash,
    "exit": leave,
    "result": result,
    "diff": diff,
    "key": key,
    "home": home,
    "temporary": temporary,
    "file name": file_name,
    "server log": server_log,
    "journal": journal,
}


def write(path, text):
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def main():
    options = {
        "token": {"type": "str", "required": True, "no_log": True},
        "place": {"type": "str", "required": True},
        "form": {"type": "str", "default": "plain"},
        "address": {"type": "str"},
        "file": {"type": "path"},
    }
    module = AnsibleModule(options, supports_check_mode=True)
    secret = module.params["token"].rpartition(":")[2]
    # As little as has to be found: Ansible itself masks the whole.
    PLACES[module.params["place"]](module, FORMS[module.params["form"]](secret[16:24]))
    module.exit_json()


if __name__ == "__main__":
    main()
