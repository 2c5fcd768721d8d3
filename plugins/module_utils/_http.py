# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: the seam between the client and the network, where a test puts the simulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Protocol


@dataclass(frozen=True)
class Request:
    """A request as it goes out; ``url`` is absolute and fully percent-encoded. The token is the transport's to add.

    ``streaming`` allows an answer that is large and late.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    streaming: bool = False


@dataclass(frozen=True)
class Response:
    """A response as it came in; header names are lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends requests, one at a time; not to be shared between threads."""

    def send(self, request: Request) -> Response:
        """Send ``request`` and read the whole answer.

        :raises NotSentError: it surely did not reach the API
        :raises AnswerLostError: it may have been carried out
        :raises ConfigError: certificates, proxy or address do not work
        """

    def close(self) -> None:
        """Give up the connection."""
