#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Opens an issue if the job before found drift, brings it up to date, and closes it once there is none any more.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 ci/review.py issue "${REPORTS:-reports}"
