# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""The style sheet and the script of the HTML report; no part of them comes from a run."""

from __future__ import annotations

_COLOURS = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #1c2430; --soft: #566172; --focus: #1f5fd0;
  --red: #b3261e; --red-bg: #fdecea; --green: #1a6b3a; --green-bg: #e6f4ea; --blue: #1f5fd0; --blue-bg: #e8f0fd;
  --amber: #8a5300; --amber-bg: #fdf1dc; --violet: #6b3fa0; --violet-bg: #f1eafa; --grey: #566172; --grey-bg: #eceff3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --line: #2e3743; --text: #e6eaf0; --soft: #a3aebd; --focus: #8ab4ff;
    --red: #ff9a91; --red-bg: #3b1f20; --green: #83d6a0; --green-bg: #173024; --blue: #8ab4ff; --blue-bg: #1b2a44;
    --amber: #f0be6e; --amber-bg: #372a14; --violet: #c9a8f2; --violet-bg: #2c2140; --grey: #a3aebd; --grey-bg: #262d37;
  }
}
.o-failed, .o-error, .bad { --ink: var(--red); --tint: var(--red-bg); }
.o-unknown, .o-blocked, .o-drift, .warn { --ink: var(--amber); --tint: var(--amber-bg); }
.o-deleted { --ink: var(--violet); --tint: var(--violet-bg); }
.o-updated, .o-pending, .note { --ink: var(--blue); --tint: var(--blue-bg); }
.o-created, .o-unblocked, .o-applied { --ink: var(--green); --tint: var(--green-bg); }
.o-skipped, .o-unchanged, .o-clean { --ink: var(--grey); --tint: var(--grey-bg); }
[data-status=error] .badge { --ink: var(--red); --tint: var(--red-bg); }
[data-status=drift] .badge { --ink: var(--amber); --tint: var(--amber-bg); }
[data-status=pending] .badge { --ink: var(--blue); --tint: var(--blue-bg); }
[data-status=clean] .badge, [data-status=applied] .badge { --ink: var(--green); --tint: var(--green-bg); }
"""

_LAYOUT = """
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
header, main, footer { max-width: 1280px; margin: 0 auto; padding: 0 24px; }
h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
i, em { font-style: normal; }
[hidden] { display: none !important; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; padding: 8px; background: var(--card); color: var(--text); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
header { padding-top: 32px; }
.product { color: var(--soft); font-size: 13px; }
h1 { display: flex; align-items: center; gap: 12px; margin: 4px 0; font-size: 28px; line-height: 1.25;
  font-weight: 650; }
.badge { flex: none; width: 40px; height: 40px; border-radius: 50%; background: var(--tint); }
.badge path { fill: none; stroke: var(--ink); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
.mode { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 16px 0 24px; font-size: 13px; }
.facts dt { color: var(--soft); }
.facts dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace; font-size: .92em; }
.box { border-inline-start: 4px solid var(--ink); background: var(--tint); border-radius: 6px; padding: 12px 16px;
  margin-bottom: 16px; overflow-wrap: anywhere; }
.box h2 { color: var(--ink); font-size: 15px; }
.box bdi { white-space: pre-line; }
.box ul { list-style: disc; padding-inline-start: 20px; }
"""

_TOTALS = """
.bar { display: block; width: 100%; height: 10px; border-radius: 5px; background: var(--line); margin-bottom: 16px; }
.bar rect { fill: var(--ink); stroke: var(--page); stroke-width: 1; vector-effect: non-scaling-stroke; }
.bar .o-unchanged, .bar .o-skipped { opacity: .45; }
.categories { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 0 0 28px; overflow-wrap: anywhere; }
.categories li { min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 12px; margin-bottom: 28px; }
.tile {
  display: flex; flex-direction: column; justify-content: flex-start; align-items: stretch;
  width: 100%; height: 100%; padding: 12px 14px; text-align: start; font: inherit; color: inherit; cursor: pointer;
  background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--ink); border-radius: 8px;
}
a.tile { text-decoration: none; --ink: var(--soft); --tint: var(--grey-bg); }
a.tile:hover { background: var(--tint); }
.tile:disabled { cursor: default; opacity: 1; color: inherit; }
.tile:hover:enabled { background: var(--tint); }
.tile[aria-pressed=true] { background: var(--tint); border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.tile b { display: block; font-size: 26px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile span { color: var(--ink); }
"""

_TABLES = """
.tools { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px 24px;
  margin-bottom: 12px; }
h2 { font-size: 18px; }
.count { color: var(--soft); font-weight: 400; }
form { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
form input { flex: 1 1 220px; width: 280px; min-width: 0; }
form input, form button {
  padding: 7px 10px; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft);
  border-radius: 6px;
}
form label, output { color: var(--soft); }
output { font-variant-numeric: tabular-nums; }
table { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 0; margin-bottom: 32px;
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
th, td { padding: 10px 14px; text-align: start; vertical-align: top; overflow-wrap: anywhere; font-weight: 400; }
tr + tr > * { border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-size: 13px; font-weight: 600; border-bottom: 1px solid var(--line); }
.results th:nth-child(1) { width: 140px; }
.results thead th:nth-child(2) { width: 26%; }
.results thead th:nth-child(4) { width: 24%; }
tbody th { font-weight: 600; }
tbody th bdi { display: block; }
td a { color: var(--blue); }
td a + a { margin-inline-start: 12px; }
.accounts thead th:nth-child(4) { width: 16%; }
small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
.chip { display: inline-block; padding: 1px 10px; border-radius: 99px; background: var(--tint); color: var(--ink);
  white-space: nowrap; font-size: 14px; }
td dl > div { display: flex; gap: 10px; }
td dl > div + div { margin-top: 6px; }
td dt { flex: 0 0 82px; color: var(--soft); }
td dd { min-width: 0; display: flex; flex-wrap: wrap; align-items: flex-start; gap: 4px 6px; }
td dd > span:not(.new) { flex: 0 0 100%; }
td dd i { color: var(--soft); }
.new { display: flex; align-items: flex-start; gap: 6px; min-width: 0; }
dl + p, td p + p, td p + small { margin-top: 6px; }
del, ins { display: block; min-width: 0; padding: 0 7px; border-radius: 4px; text-decoration: none;
  white-space: pre-wrap; }
del { background: var(--red-bg); color: var(--red); }
ins { background: var(--green-bg); color: var(--green); }
del::before { content: "\\2212\\00a0"; }
ins::before { content: "+\\00a0"; }
del bdi { text-decoration: line-through; }
em { color: var(--soft); font-style: italic; }
.to { color: var(--soft); }
td li + li { margin-top: 4px; }
td ul { font-size: 14px; }
td li span { color: var(--soft); }
.faults th:nth-child(1):not([colspan]), .faults td:nth-child(1) { width: 76px; color: var(--soft);
  font-variant-numeric: tabular-nums; }
.faults thead th:nth-child(3) { width: 40%; }
.faults .file th { background: var(--red-bg); font-weight: 600; }
.faults .file bdi, .faults .file small { display: inline; }
.file small, .files small { margin-inline-start: 10px; }
.faults code { font-weight: 600; }
.files { margin-bottom: 32px; }
.files li { margin-top: 6px; overflow-wrap: anywhere; }
.files small { display: inline; }
.files i { color: var(--ink); }
.group { margin-bottom: 12px; }
.group summary { padding: 12px 14px; cursor: pointer; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
.group .count { margin-inline-start: 6px; font-variant-numeric: tabular-nums; }
.group table { margin: 12px 0; }
.group:last-of-type { margin-bottom: 32px; }
.more { padding: 7px 10px; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft);
  border-radius: 6px; cursor: pointer; }
.none .results tbody::after { content: "Nothing fits the filter."; display: block; padding: 24px 14px;
  color: var(--soft); white-space: nowrap; }
.empty { margin-bottom: 32px; color: var(--soft); }
footer { padding-bottom: 40px; color: var(--soft); font-size: 13px; }
"""

_NARROW = """
@media screen and (max-width: 760px) {
  header, main, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 20px; }
  h1 { font-size: 22px; }
  .tiles { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  .tile { padding: 8px 10px; }
  .tile b { font-size: 20px; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; background: none; border: 0; }
  tr { display: block; padding: 12px 14px; margin-bottom: 10px; background: var(--card); border: 1px solid var(--line);
    border-radius: 8px; }
  tr + tr > * { border-top: 0; }
  th, td { display: block; padding: 0; }
  td:empty { display: none; }
  .faults tr { margin-bottom: -1px; border-radius: 0; padding: 8px 14px; }
  .faults td:nth-child(1) { width: auto; font-size: 13px; }
  .faults td:not(:empty) + td:not(:empty) { margin-top: 2px; }
  .faults td:nth-child(1):not(:empty)::before { content: "line "; }
  .faults .file { background: var(--red-bg); }
  .faults tr:not(.file) + .file { margin-top: 18px; }
  .faults .file th { margin-top: 0; }
  th, th + td:not(:empty), td + td:not(:empty) { margin-top: 8px; }
}
"""

_PAPER = """
@media print {
  body { background: none; font-size: 11px; }
  header, main, footer { max-width: none; padding: 0; }
  form, .skip { display: none !important; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .chip, .tile, .badge, .bar rect, del, ins, .box { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

STYLE = _COLOURS + _LAYOUT + _TOTALS + _TABLES + _NARROW + _PAPER


# The state is kept in the address, so that a filtered view can be passed on: #q=text&o=failed,updated
SCRIPT = """
(function () {
  "use strict";
  var STEP = 500;
  var form = document.getElementById("filter");
  var groups = all(".group").map(grouped);
  if (!form) { return; }
  var box = document.getElementById("q");
  var shown = document.getElementById("shown");
  var reset = document.getElementById("reset");
  var tiles = all(".tile");
  // Of a large list only the groups are there, and the groups of the other lists are not filtered.
  var parts = all("#" + form.closest("section").id + " .results tbody tr").map(listed);
  groups.forEach(function (group) { if (form.closest("section").contains(group.element)) { parts.push(group); } });
  var total = parts.reduce(function (sum, part) { return sum + part.size; }, 0);
  var wanted = {};

  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }

  function number(count) { return count.toLocaleString("en"); }

  function has(text, words) { return words.every(function (word) { return text.indexOf(word) >= 0; }); }

  // A row that is part of the page. A part of the list hides what does not fit, and returns how many rows do.
  function listed(row) {
    var outcome = row.getAttribute("data-outcome");
    var text = row.textContent.toLowerCase();
    return { size: 1, filter: function (words, any) {
      var fits = (!any || wanted[outcome] === true) && has(text, words);
      if (row.hidden === fits) { row.hidden = !fits; }
      return fits ? 1 : 0;
    } };
  }

  // Rows that are text until somebody opens their group, and are then added some at a time.
  function grouped(group) {
    var outcome = group.getAttribute("data-outcome");
    var size = Number(group.getAttribute("data-count"));
    var count = group.querySelector(".count");
    var body = group.querySelector("tbody");
    var more = group.querySelector(".more");
    var rows = null, texts = null, fitting = null, drawn = 0;

    function find(words) {
      rows = rows || group.querySelector("script").textContent.trim().split("\\n");
      if (!words.length) { return rows; }
      texts = texts || rows.map(function (row) { return row.replace(/<[^>]*>/g, "").toLowerCase(); });
      var escaped = words.map(function (word) {
        return word.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;")
          .replace(/'/g, "&#x27;");
      });
      return rows.filter(function (_row, at) { return has(texts[at], escaped); });
    }

    function draw() {
      fitting = fitting || find([]);
      body.insertAdjacentHTML("beforeend", fitting.slice(drawn, drawn + STEP).join("\\n"));
      drawn = Math.min(drawn + STEP, fitting.length);
      more.hidden = drawn === fitting.length;
      more.textContent = "Show more: " + number(fitting.length - drawn) + " left";
    }

    group.addEventListener("toggle", function () { if (group.open && !drawn) { draw(); } });
    more.addEventListener("click", draw);
    return { element: group, size: size, filter: function (words, any) {
      var is_wanted = !any || wanted[outcome] === true;
      fitting = is_wanted && words.length ? find(words) : null;
      var fits = fitting ? fitting.length : is_wanted ? size : 0;
      body.textContent = "";
      drawn = 0;
      group.hidden = !fits;
      count.textContent = fits === size ? number(size) : number(fits) + " of " + number(size);
      if (any || words.length) { group.open = fits > 0; }
      if (group.open && fits) { draw(); }
      return fits;
    } };
  }

  function apply() {
    var words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
    var any = Object.keys(wanted).length > 0;
    var count = parts.reduce(function (sum, part) { return sum + part.filter(words, any); }, 0);
    tiles.forEach(function (tile) {
      tile.setAttribute("aria-pressed", wanted[tile.getAttribute("data-outcome")] ? "true" : "false");
    });
    shown.textContent = count === total ? number(total) + " listed" : number(count) + " of " + number(total);
    reset.hidden = !any && !words.length;
    document.body.classList.toggle("none", count === 0);
  }

  function remember() {
    var parts = [];
    if (box.value) { parts.push("q=" + encodeURIComponent(box.value)); }
    if (Object.keys(wanted).length) { parts.push("o=" + Object.keys(wanted).join(",")); }
    try { history.replaceState(null, "", parts.length ? "#" + parts.join("&") : location.pathname + location.search); }
    catch (refused) { /* a page without an address of its own */ }
  }

  function recall() {
    if (location.hash && !/^#[qo]=/.test(location.hash)) { return apply(); }
    wanted = {};
    box.value = "";
    location.hash.slice(1).split("&").forEach(function (part) {
      var at = part.indexOf("=");
      var value = part.slice(at + 1);
      try { value = decodeURIComponent(value); } catch (broken) { return; }
      if (part.slice(0, at) === "q") { box.value = value; }
      if (part.slice(0, at) === "o") {
        value.split(",").filter(Boolean).forEach(function (name) { wanted[name] = true; });
      }
    });
    apply();
  }

  tiles.forEach(function (tile) {
    if (tile.hasAttribute("data-empty")) { return; }
    tile.disabled = false;
    tile.addEventListener("click", function () {
      var name = tile.getAttribute("data-outcome");
      if (wanted[name]) { delete wanted[name]; } else { wanted[name] = true; }
      apply();
      remember();
    });
  });
  box.addEventListener("input", function () { apply(); remember(); });
  reset.addEventListener("click", function () { wanted = {}; box.value = ""; apply(); remember(); box.focus(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", recall);
  form.hidden = false;
  recall();
}());
"""
