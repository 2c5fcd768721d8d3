# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The syntax tree of a query: notifications-api, section 12.2."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """A word; ``quoted`` decides whether it may name a property."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Null:
    """``null()``."""


@dataclass(frozen=True)
class Empty:
    """``empty()``."""


@dataclass(frozen=True)
class Self:
    """``self()``, the object itself, or ``self(path)``, one of its properties."""

    inner: Node | None


@dataclass(frozen=True)
class Binary:
    """``eq(left,right)`` and its kind."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Not:
    """``not(nested)``."""

    nested: Node


@dataclass(frozen=True)
class Collection:
    """``any(left,right)`` and ``all(left,right)``; ``right`` may be left out."""

    operator: str
    left: Node
    right: Node | None


@dataclass(frozen=True)
class Group:
    """``and``, ``or``, or a name the server does not know (in ``select`` a property with its own list)."""

    name: str
    items: tuple[Node, ...]


Argument = Constant | Null | Empty | Self
Node = Argument | Binary | Not | Collection | Group
