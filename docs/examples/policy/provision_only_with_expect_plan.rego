# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What is applied is the plan that was reviewed: the pipeline hands the same hash on as swo_contacts_expect_plan.
package main

import rego.v1

changes if {
	count(input.results[_].actions) > 0
}

deny contains "there is no hash of a reviewed plan; set expect_plan in pipeline.json" if {
	changes
	not data.pipeline.expect_plan
}

deny contains message if {
	changes
	data.pipeline.expect_plan != input.plan_hash
	message := sprintf("the plan is %s, reviewed was %s", [input.plan_hash, data.pipeline.expect_plan])
}
