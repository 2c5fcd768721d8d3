#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Fails if the account is not what the files say. Writes the differences to reports/ and nothing to the account.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf reports
mkdir reports
# Reports of localhost are named drift.md and so on, those of another account drift-contoso.md.
of="{{ '' if inventory_hostname == 'localhost' else '-' ~ inventory_hostname }}"
code=0
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
bash ci/record.sh get
ansible-playbook -i inventory.yml softwareone.marketplace.drift \
  -e target=all -e "{\"swo_contacts_reports\": [\"reports/drift$of.md\", \"reports/drift$of.json\", \"reports/drift$of.html\"]}" || code=$?
python3 ci/review.py relative reports
for report in reports/drift*.md; do
  bash ci/summary.sh "$report"
done
exit "$code"
