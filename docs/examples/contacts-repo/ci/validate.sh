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
rm -f reports/files.*
code=0
ansible-playbook -i inventory.yml softwareone.marketplace.validate \
  -e swo_contacts_reports=reports/files.md,reports/files.xml,reports/files.annotations.txt,reports/files.codequality.json \
  -e swo_contacts_report_privacy=masked || code=$?
bash ci/summary.sh reports/files.md
if [ -n "${GITHUB_ACTIONS:-}" ] && [ -f reports/files.annotations.txt ]; then
  cat reports/files.annotations.txt
fi
exit "$code"
