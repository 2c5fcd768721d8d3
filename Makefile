# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Every target prepares what it needs in .venv; `rm -rf .venv` starts over.
# PYTHON chooses the interpreter: make test PYTHON=/usr/bin/python3.13
# Without it, an environment that is there and works stays in use.

VENV := .venv
RUN := $(VENV)/bin/python
PYTHON_VERSION :=
ifeq ($(origin PYTHON) $(shell { $(RUN) -c ''; } >/dev/null 2>&1 && echo works),undefined works)
PYTHON_VERSION := $(patsubst $(VENV)/python-%.done,%,$(wildcard $(VENV)/python-*.done))
endif
PYTHON ?= python3
ifeq ($(PYTHON_VERSION),)
PYTHON_VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)
endif

CORES ?= 2.16 newest
ARGS ?=

unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help test lint sanity simulator demo demo-accounts docs bench mutants cores sweep matrix soak targets gate coverage ee release

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | while IFS='#' read -r name text; do \
		printf '%-20s %s\n' "$$name" "$$text"; done

test: $(VENV)/lint.done ## all that a change must pass: lint, sanity, pytest
	@$(RUN) -m tests.tools.check lint sanity pytest --cores "$(CORES)" $(ARGS)

lint: $(VENV)/lint.done ## formatting, style, types, documentation, licences
	@$(RUN) -m tests.tools.check lint

sanity: $(VENV)/python-$(PYTHON_VERSION).done ## ansible-test sanity; CORES="2.16 2.18 newest" chooses the versions of ansible-core
	@$(RUN) -m tests.tools.check sanity --cores "$(CORES)"

simulator: $(VENV)/run.done ## serve the simulated Marketplace API; ARGS="--contacts 500" hands options on
	@exec $(RUN) -m tests.simulator $(ARGS)

demo: $(VENV)/run.done ## show the main job on a simulated account, step by step
	@exec $(RUN) -m demo

demo-accounts: $(VENV)/run.done ## show six simulated accounts at once, one inventory host each
	@exec $(RUN) -m demo.many

docs: $(VENV)/docs.done ## build the documentation as a website, and print where it is
	@$(RUN) -m tests.tools.docs

bench: $(VENV)/test.done ## measure what it costs beside other ways, 25 minutes; ARGS=--quick takes 3
	@$(RUN) -m tests.bench $(ARGS)

mutants: $(VENV)/test.done ## make each seeded mistake and see that a test notices it, 6 minutes; ARGS="part of a name"
	@$(RUN) -m tests.mutants $(ARGS)

cores: $(VENV)/test.done ## what a run shows and leaves behind, on each version of ansible-core, 20 minutes; ARGS="--cores 2.18"
	@$(RUN) -m tests.tools.cores $(ARGS)

sweep: $(VENV)/test.done ## kill ansible-playbook before and after each kind of request, 15 minutes
	@$(RUN) -m pytest -q -n 2 tests/sweep $(ARGS)

matrix: $(VENV)/test.done ## play every fault in every operation, three minutes; ARGS="B2 bulk" chooses cells by words
	@$(RUN) -m tests.matrix $(ARGS)

soak: $(VENV)/test.done ## provision again and again over a bad line, a minute; LONG=1 takes half an hour
	@$(RUN) -m tests.soak $(if $(LONG),--long) $(ARGS)

targets: $(VENV)/test.done ## modules on the Pythons of other hosts, with the oldest libraries, 20 minutes; ARGS="3.8"
	@$(RUN) -m tests.tools.targets $(ARGS)

coverage: $(VENV)/test.done ## which lines of plugins/ the tests run, 10 minutes; a table, and .venv/coverage/html
	@$(RUN) -m tests.tools.coverage $(ARGS)

gate: $(VENV)/lint.done ## what Automation Hub, Galaxy and the community package ask for; ARGS="--long --write" does all of it
	@$(RUN) -m tests.gate $(ARGS)

ee: $(VENV)/test.done ## build an execution environment with podman and run playbooks in it, 10 minutes
	@$(RUN) -m tests.tools.ee || [ $$? -eq 77 ]

release: $(VENV)/lint.done ## make a release in the tree: VERSION=1.2.3
	@$(RUN) -m tests.tools.release "$(VERSION)"

# The stamp carries the version, so that another interpreter gets an environment of its own.
$(VENV)/python-$(PYTHON_VERSION).done:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "$(PYTHON) is not Python 3.11 or newer; name one that is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments; install its venv package (python3-venv on Debian)" >&2; exit 1; }
	@echo "setting up $(VENV) with Python $(PYTHON_VERSION)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.done: $(VENV)/python-$(PYTHON_VERSION).done
$(VENV)/test.done: $(VENV)/run.done
$(VENV)/docs.done: $(VENV)/run.done
$(VENV)/lint.done: $(VENV)/test.done

$(VENV)/%.done: requirements/%.txt requirements/constraints.txt
	@echo "installing requirements/$*.txt"
	@$(RUN) -m pip install -qq --disable-pip-version-check -c requirements/constraints.txt -r $<
	@touch $@
