#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Tells the pull request that was merged what came of it: the result that the job before left in the folder REPORTS, and
# where the undo file is.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 ci/review.py result "${REPORTS:-reports}"
