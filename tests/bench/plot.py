# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small plot as SVG, readable on a light and on a dark page: seconds by contacts, without a change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from tests.bench.plan import METHODS, NO_CHANGE, Case, Plan
from tests.bench.results import Cell, Results

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 250, 40, 44
_LABEL_HEIGHT = 16
# What an estimate from few items gives can even be negative.
_SHORTEST = 0.01
_COLOURS = ("#0969da", "#1a7f37", "#8250df", "#bc4c00", "#57606a", "#9a6700", "#cf222e", "#0a7aa6")
_DARK = ("#58a6ff", "#3fb950", "#bc8cff", "#f0883e", "#8b949e", "#d29922", "#ff7b72", "#56d4dd")

_Point = tuple[float, float]


def plot(plan: Plan, results: Results) -> str:
    """The plot; a dashed line was computed, not measured."""
    sizes = sorted({*plan.sizes, plan.large})
    rows = {method: _cells(results, method, sizes) for method in METHODS}
    seconds = [cell.seconds for row in rows.values() for _size, cell in row]
    if not seconds:
        return ""
    scale = _Scale(sizes[0], sizes[-1], min(seconds), max(seconds))
    body = [*_grid(scale, sizes), *_lines(scale, rows)]
    return "\n".join([*_frame(), *body, "</svg>", ""])


def _cells(results: Results, method: str, sizes: list[int]) -> list[tuple[int, Cell]]:
    found = ((size, results.cell(Case(method, NO_CHANGE, size))) for size in sizes)
    return [(size, cell) for size, cell in found if cell is not None]


class _Scale:
    """Logarithmic in both directions."""

    def __init__(self, least: float, most: float, low: float, high: float) -> None:
        self._from, self._to = math.log10(least), max(math.log10(most), math.log10(least) + 1)
        self._least = 10.0 ** math.floor(math.log10(max(low, _SHORTEST)))
        self.bottom, self.top = round(math.log10(self._least)), math.ceil(math.log10(max(high, _SHORTEST)))

    def x(self, contacts: float) -> float:
        share = (math.log10(contacts) - self._from) / (self._to - self._from)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, seconds: float) -> float:
        share = (math.log10(max(seconds, self._least)) - self.bottom) / max(self.top - self.bottom, 1)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _frame() -> Iterator[str]:
    colours = "".join(f" .c{number} {{ color: {colour} }}" for number, colour in enumerate(_COLOURS))
    dark = "".join(f" .c{number} {{ color: {colour} }}" for number, colour in enumerate(_DARK))
    yield "<!--"
    yield "Copyright (c) softwareone.marketplace contributors"
    yield "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)"
    yield "SPDX" + "-License-Identifier: GPL-3.0-or-later"
    yield "-->"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img">'
    yield "<title>Seconds of a run without a change, by the number of contacts</title>"
    yield "<style>"
    yield "svg { font: 12px sans-serif } text { fill: #1f2328 } .grid { stroke: #d1d9e0 }"
    yield ".line { fill: none; stroke: currentColor; stroke-width: 2 } .label { fill: currentColor }"
    yield ".guess { stroke-dasharray: 4 4 } .dot { fill: currentColor }"
    yield colours.strip()
    yield f"@media (prefers-color-scheme: dark) {{ text {{ fill: #f0f6fc }} .grid {{ stroke: #3d444d }}{dark}"
    yield ".label { fill: currentColor } }"
    yield "</style>"
    yield f'<text x="{_LEFT}" y="20">Seconds of a run without a change (dashed: computed from a shorter loop)</text>'


def _grid(scale: _Scale, sizes: list[int]) -> Iterator[str]:
    right, low = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for power in range(scale.bottom, scale.top + 1):
        y = scale.y(10**power)
        yield f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10**power:,g}</text>'
    for size in sizes:
        x = scale.x(size)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{low}"/>'
        yield f'<text x="{x:.1f}" y="{low + 18}" text-anchor="middle">{size:,}</text>'
    yield f'<text x="{(_LEFT + right) / 2:.1f}" y="{low + 36}" text-anchor="middle">contacts</text>'


def _lines(scale: _Scale, rows: dict[str, list[tuple[int, Cell]]]) -> Iterator[str]:
    ends: list[tuple[float, _Point, int, str]] = []
    for number, (method, row) in enumerate(rows.items()):
        points = [(scale.x(size), scale.y(cell.seconds)) for size, cell in row]
        for before, after, (_size, cell) in zip(points, points[1:], row[1:], strict=False):
            guess = " guess" if cell.sample is not None else ""
            path = f"M{before[0]:.1f} {before[1]:.1f}L{after[0]:.1f} {after[1]:.1f}"
            yield f'<path class="line c{number}{guess}" d="{path}"/>'
        for (x, y), (_size, cell) in zip(points, row, strict=True):
            if cell.sample is None:
                yield f'<circle class="dot c{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        if points:
            ends.append((points[-1][1], points[-1], number, METHODS[method].replace("`", "")))
    yield from _labels(sorted(ends))


def _labels(ends: list[tuple[float, _Point, int, str]]) -> Iterator[str]:
    """Each beside the end of its line, none on top of another."""
    below = 0.0
    for wanted, (x, _y), number, name in ends:
        below = max(wanted + 4, below + _LABEL_HEIGHT)
        yield f'<text class="label c{number}" x="{x + 10:.1f}" y="{below:.1f}">{escape(name)}</text>'
