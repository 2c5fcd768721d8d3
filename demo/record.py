# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short story about whose change it was: what a record of what was applied tells, and that it may be lost."""

from __future__ import annotations

from demo import playbook
from demo.account import Write
from demo.before import with_layers
from demo.playbook import OUT
from demo.report import Report
from demo.steps import Tale, need, need_code, need_report, need_writes

FILES = with_layers("change")[1]
WHO = "ops+alerts@contoso.example"
REPORT = OUT / "pending.html"
RECORD = OUT / "applied.json"
# What the files of the tour list, and what is listed for a while.
LISTED, FOR_A_WHILE = ("Invoices", "Statements"), "Orders"
# What the person chooses.
CHOSEN = "Renewals"


class Record(Tale):
    def tell(self) -> None:
        """The whole story.

        :raises StepError: names the first thing that is not as it should be
        """
        RECORD.unlink(missing_ok=True)
        self._tell(
            "Whose change was it? With a record of what was applied, it can be told",
            (f"{FOR_A_WHILE} is added to a file; then the person opts out of {CHOSEN}", self.apply),
            (f"{FOR_A_WHILE} is taken out of the file: not applied yet, and no drift", self.pending),
            (f"Provision takes away {FOR_A_WHILE}, and leaves the person's choice", self.keep),
            ("The record is lost: nobody loses anything", self.lose),
        )

    def apply(self) -> None:
        self._playbook("provision", f"{FILES},demo/record/orders.yml")
        self._holds(*LISTED, FOR_A_WHILE)
        self._wrote(("update", WHO))
        need(RECORD.is_file(), f"There is no {RECORD}.")
        self._account.put([{"email": WHO, "optOuts": [*LISTED, FOR_A_WHILE, CHOSEN]}])

    def pending(self) -> None:
        REPORT.unlink(missing_ok=True)
        self._playbook("drift", FILES, "-e", f"swo_contacts_reports=demo/out/{REPORT.name}")
        need_report(REPORT, Report("pending", (WHO,)))
        self._screen.proof("the run ended well, and the report says pending")
        self._wrote()

    def keep(self) -> None:
        self._playbook("provision", FILES)
        self._holds(*LISTED, CHOSEN)
        self._screen.proof(f"{WHO} is still opted out of {CHOSEN}")
        self._wrote(("update", WHO))

    def lose(self) -> None:
        RECORD.unlink()
        self._screen.command(f"rm demo/out/{RECORD.name}")
        before = self._account.states()
        self._playbook("provision", FILES)
        need(self._account.states() == before, "The account changed because the record was lost.")
        self._wrote()
        need(RECORD.is_file(), "There is no new record.")
        self._screen.proof("there is a new record")

    def _playbook(self, name: str, files: str, *options: str) -> None:
        record = f"swo_contacts_applied_file=demo/out/{RECORD.name}"
        variables = playbook.variables(self._account)
        need_code(self._run(variables, self._screen, name, "-e", files, "-e", record, *options), 0)

    def _holds(self, *opt_outs: str) -> None:
        found = self._account.states()[WHO].opt_outs
        need(found == tuple(sorted(opt_outs)), f"{WHO} is opted out of {', '.join(found) or 'nothing'}.")

    def _wrote(self, *expected: Write) -> None:
        writes = need_writes(self._account, list(expected))
        self._screen.proof(f"the service received {'1 write, and it was needed' if writes else 'no write'}")
