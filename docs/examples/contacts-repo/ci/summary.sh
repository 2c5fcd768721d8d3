#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Shows a report on the page of the run, where the system has one. GitLab has none; its users find the report as artifact.
set -euo pipefail
if ! [ -f "$1" ]; then
  exit 0
elif [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$1" >>"$GITHUB_STEP_SUMMARY"
elif [ -n "${TF_BUILD:-}" ]; then
  echo "##vso[task.uploadsummary]$PWD/$1"
fi
