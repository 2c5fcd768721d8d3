# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Contacts are deleted only by what is on main.
package main

import rego.v1

deny contains message if {
	data.pipeline.branch != "main"
	input.results[index].actions[_] == "delete"
	contact := input.results[index].email
	message := sprintf("%s would be deleted from branch %s; only main may delete", [contact, data.pipeline.branch])
}
