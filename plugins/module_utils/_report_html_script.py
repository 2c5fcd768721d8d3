# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""Pure: what makes the table of the HTML report filterable. The page can be read without it."""

from __future__ import annotations

# The state is kept in the address, so that a filtered view can be passed on: #q=text&o=failed,updated
SCRIPT = """
(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) { return; }
  var box = document.getElementById("q");
  var shown = document.getElementById("shown");
  var reset = document.getElementById("reset");
  var tiles = Array.prototype.slice.call(document.querySelectorAll(".tile"));
  var rows = Array.prototype.map.call(document.querySelectorAll(".results tbody tr"), function (row) {
    return { row: row, outcome: row.getAttribute("data-outcome"), text: row.textContent.toLowerCase() };
  });
  var wanted = {};

  function apply() {
    var words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
    var any = Object.keys(wanted).length > 0;
    var count = 0;
    rows.forEach(function (item) {
      var fits = (!any || wanted[item.outcome] === true) && words.every(function (word) {
        return item.text.indexOf(word) >= 0;
      });
      if (item.row.hidden === fits) { item.row.hidden = !fits; }
      if (fits) { count += 1; }
    });
    tiles.forEach(function (tile) {
      tile.setAttribute("aria-pressed", wanted[tile.getAttribute("data-outcome")] ? "true" : "false");
    });
    var all = rows.length.toLocaleString("en");
    shown.textContent = count === rows.length ? all + " listed" : count.toLocaleString("en") + " of " + all;
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
