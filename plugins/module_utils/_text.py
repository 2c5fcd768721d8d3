# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: text made safe to show: without secrets, without characters that forge output, without people's addresses."""

from __future__ import annotations

import math
import re
from typing import Any, Callable, Iterator

# The one table of characters that are unsafe to show, each group as the inside of a regular expression's class.
CONTROLS = "\x00-\x1f\x7f-\x9f"  # terminal escapes and most line breaks
LINE_BREAKS = "\u2028\u2029"  # those that are no control characters
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # make a text read in another order than it is written
INVISIBLE = "\u00ad\u180e\u200b\u2060-\u2065\ufeff\U000e0000-\U000e007f"  # make two texts look the same
SURROGATES = "\ud800-\udfff"  # halves of characters, which UTF-8 cannot carry
NONCHARACTERS = "\ufffe\uffff"  # neither XML nor YAML can carry them
UNSAFE = CONTROLS + LINE_BREAKS + BIDI + INVISIBLE + SURROGATES + NONCHARACTERS
# Invisible as well, but some scripts and emoji cannot be written without them, so they are shown as they are.
JOINERS = "\u200c\u200d"

# What the log of a CI system takes for an order to itself: ::error:: as a line begins, ##vso[ and ##[ anywhere.
_ORDER = "(?<=#)#(?=[a-z]*\\[)|(?<=:):(?=[a-z])"
_UNSAFE = re.compile(f"[{UNSAFE}]|{_ORDER}", re.IGNORECASE)
_UNSAFE_BUT_TAB_AND_NEWLINE = re.compile(f"(?![\t\n])[{UNSAFE}]|{_ORDER}", re.IGNORECASE)
_CONTROL = re.compile(f"[{CONTROLS}{LINE_BREAKS}{SURROGATES}]")
_SURROGATE = re.compile(f"[{SURROGATES}]")

_LONGEST_QUOTE = 60


def visible(text: str) -> str:
    """``text`` on one line: whatever is unsafe to show stands there as Python writes it, so that a reader sees it."""
    return _UNSAFE.sub(_escape, text)


def made_visible(text: str) -> str:
    """The same for a text of several lines: tabs and line feeds stay."""
    return _UNSAFE_BUT_TAB_AND_NEWLINE.sub(_escape, text)


def one_line(text: str, limit: int = 500) -> str:
    """:func:`visible`, with a space for each stretch of white space, at most ``limit`` characters."""
    return shortened(visible(" ".join(text.split())), limit)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    shown = character.encode("unicode_escape").decode("ascii")
    return shown if shown != character else f"\\x{ord(character):02x}"


def shortened(text: str, limit: int) -> str:
    """``text``, or as much of its beginning as leaves room for three dots."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def quoted(value: object) -> str:
    """A value as part of a message: in quotes, on one line, not too long."""
    return repr(shortened(str(value), _LONGEST_QUOTE))


def encodable(text: str) -> str:
    """``text`` with a replacement character for each half of a character."""
    return _SURROGATE.sub("\ufffd", text)


def has_control_characters(text: str) -> bool:
    """True if the text has characters that would break a line or a message, or that UTF-8 cannot carry."""
    return bool(_CONTROL.search(text))


# No value that is meant for people is nested deeper, and what receives a result breaks on far deeper ones.
_DEEPEST = 40


def presentable(value: Any, depth: int = 0) -> Any:
    """A copy of ``value`` that any JSON reader takes, whatever the API sent.

    Half a character becomes a replacement character; an infinite number, and what is nested too deeply, become null.
    """
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, (dict, list, tuple)):
        return value
    if depth == _DEEPEST:
        return None
    if isinstance(value, dict):
        return {presentable(key): presentable(item, depth + 1) for key, item in value.items()}
    return [presentable(item, depth + 1) for item in value]


MASK = "********"
# Why a file that is read back cannot hold a value: it would come back as a mask.
HOLDS_TOKEN = "it holds a part of the API token"
SHORTEST_SECRET = 8
# Every run of SHORTEST_SECRET characters has one of the pieces that begin at each fifth character whole.
_PIECE = 4
_STRIDE = SHORTEST_SECRET - _PIECE + 1


class Redactor:
    """Replaces a token, and what of the secret part behind its last colon is quoted, wherever they occur.

    A server may quote a header cut short: any run of eight characters or more of the secret part is masked. What is
    before the colon, the id of the token, is no secret.
    """

    def __init__(self, token: str) -> None:
        tail = token.rpartition(":")[2]
        self._secrets = sorted({part for part in (token, tail) if len(part) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._tail = tail if len(tail) >= SHORTEST_SECRET else ""
        starts = range(0, len(self._tail) - _PIECE + 1, _STRIDE)
        self._pieces = [(start, self._tail[start : start + _PIECE]) for start in starts]

    @property
    def secrets(self) -> list[str]:
        """The texts that must not be shown, longest first."""
        return list(self._secrets)

    def text(self, text: str) -> str:
        """``text`` with every secret masked."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return self._without_parts(text)

    def _without_parts(self, text: str) -> str:
        shown: list[str] = []
        end = 0
        for start, stop in sorted(self._parts(text)):
            if not shown or start > end:
                shown += [text[end:start], MASK]
            end = max(end, stop)
        return "".join([*shown, text[end:]]) if shown else text

    def _parts(self, text: str) -> Iterator[tuple[int, int]]:
        """Where ``text`` has long runs of the secret part."""
        for begin, piece in self._pieces:
            at = text.find(piece)
            while at >= 0:
                start, stop = self._run(text, at, begin)
                if stop - start >= SHORTEST_SECRET:
                    yield start, stop
                at = text.find(piece, at + 1)

    def _run(self, text: str, at: int, begin: int) -> tuple[int, int]:
        """The whole run around the piece that stands in ``text`` at ``at`` and in the secret part at ``begin``."""
        tail, before, behind = self._tail, 0, _PIECE
        while before < min(at, begin) and text[at - before - 1] == tail[begin - before - 1]:
            before += 1
        while behind < min(len(text) - at, len(tail) - begin) and text[at + behind] == tail[begin + behind]:
            behind += 1
        return at - before, at + behind

    def is_in(self, value: Any) -> bool:
        """True if something in nested lists and dictionaries must not be written anywhere."""
        return bool(self.value(value) != value)

    def value(self, value: Any) -> Any:
        """A copy of nested lists and dictionaries with every string masked, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.value(key): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        return value


STARS = "***"
# Gives the stars for an address, of which it gets to know how it looks with plain ones, too.
Stars = Callable[[str, str], str]


def plain_stars(address: str, masked: str) -> str:
    """The same stars for everybody."""
    del address, masked
    return STARS


_MOST_INITIALS = 4

# What an address is part of: a run of characters that cannot end one. Quadratic patterns are avoided on purpose.
_RUN = re.compile(r"[^\s<>()\[\],;:\"\\]+")
_AT = re.compile("@|%40|\uff20|\ufe6b")
_IS_MASKED = re.compile(r"^\W*\w?\*{3}\d*$")
# What may stand around an address in a sentence.
_AROUND = " .,'!?"
_LETTER = re.compile(r"[^\W_]")
_ID = re.compile(r"[A-Z]{2,4}(?:-[0-9]+)+")


class Masks:
    """Masks addresses so that different people stay apart: who looks like somebody else gets a number.

    What is to be masked has to be told first, because the first of two looks like nobody else when it is met.
    """

    def __init__(self) -> None:
        self._people: dict[str, dict[str, int]] = {}

    def tell(self, address: str, masked: str) -> str:
        """Remember an address and how it looks without a number."""
        people = self._people.setdefault(_canonical(masked), {})
        people.setdefault(_canonical(address), len(people) + 1)
        return STARS

    def stars(self, address: str, masked: str) -> str:
        """The stars of an address, with its number where it was told of and needs one."""
        people = self._people.get(_canonical(masked), {})
        # A masked address with something else before it looks like one that nobody has told of.
        number = people.get(_canonical(address), "") if len(people) > 1 else ""
        return f"{STARS}{number}"


def _canonical(address: str) -> str:
    return _AT.sub("@", address.strip(_AROUND)).casefold()


def mask_email(email: str, stars: Stars = plain_stars) -> str:
    """``j***@contoso.example``; the id of a contact is left as it is, anything else keeps its first letter."""
    text = email.strip()
    if not text or _ID.fullmatch(text):
        return text
    marks = list(_AT.finditer(text))
    end = marks[-1].start() if marks else len(text)
    return _masked(text, _first_letter(text[:end]), text[end:], stars)


def mask_text(text: str, stars: Stars = plain_stars) -> str:
    """``text`` with every e-mail address in it masked."""
    return _RUN.sub(lambda match: _mask_run(match.group(), stars), text)


def is_found_in_text(email: str) -> bool:
    """True if :func:`mask_text` knows the address wherever it stands; an id needs no mask."""
    return _ID.fullmatch(email) is not None or (_RUN.fullmatch(email) is not None and "@" in email[1:])


def initials(name: str, stars: Stars = plain_stars) -> str:
    """The first letter of each word, at most four; an address in a name is masked like any other."""
    return " ".join(_initial(word, stars) for word in name.split()[:_MOST_INITIALS]) or name.strip()


def _initial(word: str, stars: Stars) -> str:
    if _AT.search(word):
        return mask_text(word, stars)
    return (_first_letter(word) + ".") if _LETTER.search(word) else STARS


def _first_letter(text: str) -> str:
    found = _LETTER.search(text)
    return found.group() if found else ""


def _mask_run(run: str, stars: Stars) -> str:
    marks = list(_AT.finditer(run))
    end = marks[-1].start() if marks else 0
    if not end or _IS_MASKED.search(run, 0, end):
        return run
    found = _LETTER.search(run, 0, end)
    # A quote before the address stays, so that a sentence keeps its form.
    before = run[: found.start()] if found else ""
    return before + _masked(run[len(before) :], found.group() if found else "", run[end:], stars)


def _masked(address: str, first: str, rest: str, stars: Stars) -> str:
    return first + stars(address, first + STARS + rest) + rest
