# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two short stories about looking before a change: a contract stops a plan, and a plan is made without a token."""

from __future__ import annotations

import json

from demo import playbook
from demo.playbook import OUT, Run
from demo.steps import Tale, need, need_code, need_writes
from demo.story import SNAPSHOT, SRC

WHO = "liam.obrien@contoso.example"
REPORT = OUT / "plan.json"


def with_layers(*names: str) -> tuple[str, str]:
    """The files of the tour, with others on top."""
    return "-e", ",".join([SRC[1], *(f"demo/before/{name}.yml" for name in names)])


class Before(Tale):
    def tell(self) -> None:
        """Both stories.

        :raises StepError: names the first thing that is not as it should be
        """
        self._tell(
            "Before the change: two more stories on the same account",
            ("A contract in the files stops a plan that leaves nobody for Statements", self.contract),
            ("A pull request is planned without a token, and applied as it was planned", self.pull_request),
        )

    def contract(self) -> None:
        before = self._account.states()
        run = self._playbook("provision", *with_layers("coverage", "mistake"), code=2)
        need("would be broken by this plan: Statements 1 -> 0" in run.output, "The run does not name the contract.")
        need("demo/before/mistake.yml:8" in run.output, "The run does not name the entry.")
        self._screen.proof("the run names the contract, and the entry that would break it")
        self._wrote_nothing()
        need(self._account.states() == before, "The account changed although the plan was refused.")

    def pull_request(self) -> None:
        need(SNAPSHOT.is_file(), f"There is no {SNAPSHOT}.")
        change = with_layers("coverage", "change")
        snapshot, report = (
            f"swo_contacts_snapshot=demo/out/{SNAPSHOT.name}",
            f"swo_contacts_reports=demo/out/{REPORT.name}",
        )
        REPORT.unlink(missing_ok=True)
        self._playbook("provision", *change, "-e", snapshot, "-e", report, "--check", "--diff", has_token=False)
        need(self._account.requests() == 0, "The plan of the snapshot sent requests.")
        self._screen.proof("no token was there, and the service received no request")
        plan_hash = json.loads(REPORT.read_text(encoding="utf-8"))["plan_hash"]
        self._playbook("provision", *change, "-e", f"swo_contacts_expect_plan={plan_hash}")
        need_writes(self._account, [("update", WHO)])
        need(self._account.states()[WHO].opt_outs == ("Product news",), f"{WHO} is not what the file says.")
        self._screen.proof("the plan of the live account has the same hash, so it was applied: 1 write")

    def _playbook(self, name: str, *options: str, code: int = 0, has_token: bool = True) -> Run:
        variables = playbook.variables(self._account) if has_token else {}
        return need_code(self._run(variables, self._screen, name, *options), code)

    def _wrote_nothing(self) -> None:
        need_writes(self._account, [])
        self._screen.proof("the service received no write")
