#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Writes snapshot.json, from which pull requests are planned without a token, and contacts/base/categories.yml, the
# catalogue of categories. Both are for a private repository only: the snapshot holds every address of the account.
# Run it where the token is, look at the difference, and commit it.
set -euo pipefail
cd "$(dirname "$0")/.."
# Where everybody may write, as in the checkouts of some runners, Ansible reads it only if told to.
export ANSIBLE_CONFIG="$PWD/ansible.cfg"
live="$(mktemp -d)"
trap 'rm -rf "$live"' EXIT
ansible-playbook -i inventory.yml softwareone.marketplace.export \
  -e "swo_contacts_dest=$live/live.yml" -e swo_contacts_snapshot_dest=snapshot.json \
  -e swo_contacts_categories_dest=contacts/base/categories.yml
