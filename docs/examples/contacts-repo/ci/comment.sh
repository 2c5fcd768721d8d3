#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Puts the plan that another job left in the folder REPORTS into a comment on its pull request. That job ran the code of
# the pull request; this is code of main, and has the token that can write comments but none of the account.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 ci/review.py comment "${REPORTS:-reports}"
