#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Applies the plan that was reviewed, and nothing else: the one in the pull request that was merged as this commit, or
# the one whose hash somebody gave as SWO_PLAN_HASH when starting this by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf reports records
mkdir reports
if ! bash ci/tip.sh; then
  echo "Nothing was written." >&2
  exit 1
fi
plan="${SWO_PLAN_HASH:-reviewed}"
if [ "$plan" = reviewed ] && ! plan="$(python3 ci/review.py hash)"; then
  echo "Nothing was written. This is what there is to do; somebody has to read it and to start this by hand with its hash." >&2
  bash ci/plan.sh || true
  exit 1
fi
if [[ $plan =~ ^[0-9a-f]{64}$ ]]; then
  expected="\"$plan\""
elif [[ $plan =~ ^[[:alnum:]._-]+=[0-9a-f]{64}(,[[:alnum:]._-]+=[0-9a-f]{64})*$ ]]; then
  # One for each host: contoso=...,fabrikam=...
  expected="{\"${plan//=/\": \"}\"}"
  expected="${expected//,/\", \"}"
else
  echo "Nothing was written: SWO_PLAN_HASH is not the hash of a plan, which has 64 digits." >&2
  exit 1
fi
# Reports of localhost are named provision.md and so on, those of another account provision-contoso.md.
of="{{ '' if inventory_hostname == 'localhost' else '-' ~ inventory_hostname }}"
code=0
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
bash ci/record.sh get
ansible-playbook -i inventory.yml softwareone.marketplace.provision \
  -e "{\"swo_contacts_expect_plan\": $expected, \"swo_contacts_undo_file\": \"reports/undo$of.yml\"}" \
  -e target=all -e "{\"swo_contacts_reports\": [\"reports/provision$of.md\", \"reports/provision$of.json\", \"reports/provision$of.html\"]}" || code=$?
python3 ci/review.py relative reports
for report in reports/provision*.md; do
  bash ci/summary.sh "$report"
done
exit "$code"
