#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes to reports/ what provisioning would do, shows it as the summary of the job, and tells its hash.
# It only reads from the account, so SWO_API_TOKEN can be a token that is not allowed to write. Without a token it plans
# from snapshot.json, where there is one; provisioning plans against the account again.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf reports
mkdir reports
# Reports of localhost are named plan.md and so on, those of another account plan-contoso.md.
of="{{ '' if inventory_hostname == 'localhost' else '-' ~ inventory_hostname }}"
code=0
source=()
# Azure hands on the name of a variable that is not set.
if [[ -f snapshot.json && ${SWO_API_TOKEN:-} =~ ^(\$\(.*)?$ ]]; then
  unset SWO_API_TOKEN
  source=(-e swo_contacts_snapshot=snapshot.json)
fi
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
bash ci/record.sh get
ansible-playbook -i inventory.yml softwareone.marketplace.provision --check ${source[@]+"${source[@]}"} \
  -e target=all -e "{\"swo_contacts_reports\": [\"reports/plan$of.md\", \"reports/plan$of.json\", \"reports/plan$of.html\"]}" || code=$?
python3 ci/review.py relative reports
for report in reports/plan*.md; do
  bash ci/summary.sh "$report"
done
python3 ci/review.py tell reports
exit "$code"
