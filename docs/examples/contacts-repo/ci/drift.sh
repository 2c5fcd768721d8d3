#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Fails if the account is not what the files say. Writes the differences to reports/ and nothing to the account.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf reports
mkdir reports
code=0
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
ansible-playbook -i inventory.yml softwareone.marketplace.drift \
  -e '{"swo_contacts_reports": ["reports/drift.md", "reports/drift.json", "reports/drift.html"]}' || code=$?
python3 ci/review.py relative reports
bash ci/summary.sh reports/drift.md
exit "$code"
