# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The token out of a task's result, on every ansible-core alike.

Until 2.21 ansible-core masks what a module returns, from 2.22 on only what is displayed, so that a registered result
or a report made of it could hold a token. The result therefore leaves our hands without it.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from .._text import MASK, Redactor

try:
    from ansible.module_utils.secrets import register_secrets  # type: ignore[import-not-found, unused-ignore]
except ImportError:

    def register_secrets(values: Iterable[str], /) -> None:
        """Before ansible-core 2.22 nobody is there to be told."""
        del values


# What ansible-core puts in the place of a value that is the secret and nothing else.
WHOLE = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class ResultMask:
    """Masks the token of a task as it was given, as it is sent, and the parts of it that a server may quote."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        given = str(params.get("api_token") or "")
        self._redactor = Redactor(given.strip())
        self._secrets = sorted({given, given.strip(), *self._redactor.secrets} - {""}, key=len, reverse=True)
        # What others display is masked by ansible-core, which knows the token only as it was given.
        register_secrets(self._secrets)

    def value(self, value: Any) -> Any:
        """A copy of nested lists and dictionaries with every string masked; keys are names of ours."""
        if isinstance(value, str):
            return WHOLE if value in self._secrets else self._text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return self._redactor.text(text)
