# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Nothing is planned while a coverage contract does not hold, not even one that was broken before, nor from an old snapshot.
package main

import rego.v1

deny contains message if {
	input.coverage[index].verdict != "holds"
	rule := input.coverage[index].rule
	message := sprintf("%s: the contract %s: %s", [input.coverage[index].category, rule, input.coverage[index].verdict])
}

deny contains "the snapshot is older than a day" if {
	input.snapshot.age_seconds > 86400
}
