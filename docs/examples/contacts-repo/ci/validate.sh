#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Checks the contact files and names every fault in them, where the system can show it beside its line. Needs no token and
# sends nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
mkdir -p reports
rm -f reports/files*
# Reports of localhost are named files.md and so on, those of another account files-contoso.md.
of="{{ '' if inventory_hostname == 'localhost' else '-' ~ inventory_hostname }}"
code=0
ansible-playbook -i inventory.yml softwareone.marketplace.validate \
  -e target=all -e swo_contacts_report_privacy=masked -e "{\"swo_contacts_reports\": [\"reports/files$of.md\", \"reports/files$of.xml\",
    \"reports/files$of.annotations.txt\", \"reports/files$of.codequality.json\"]}" || code=$?
for report in reports/files*.md; do
  bash ci/summary.sh "$report"
done
for annotations in reports/files*.annotations.txt; do
  if [ -n "${GITHUB_ACTIONS:-}" ] && [ -f "$annotations" ]; then
    cat "$annotations"
  fi
done
exit "$code"
