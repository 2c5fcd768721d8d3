#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Fails if the checked-out commit is not the last one of the branch main: the run of an old commit, started again, would
# bring its old files back.
set -euo pipefail
cd "$(dirname "$0")/.."
branch="${CI_DEFAULT_BRANCH:-main}"
# The checkout leaves no token behind on GitHub and on Azure. On GitLab it is a part of the address.
header=
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  header="Authorization: Basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 --wrap=0)"
elif [ -n "${TF_BUILD:-}" ]; then
  header="Authorization: Basic $(printf ':%s' "$COMMENT_TOKEN" | base64 --wrap=0)"
fi
here="$(git rev-parse HEAD)"
# In the environment, because other users of the machine can read arguments. An empty header is none.
tip="$(GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="$header" \
  git ls-remote --exit-code "${CI_REPOSITORY_URL:-origin}" "refs/heads/$branch" | cut -f 1)" || tip=unknown
if [ "$here" != "$tip" ]; then
  echo "The commit $here is not the last one of $branch, which is $tip. Only the run of that one may provision." >&2
  exit 1
fi
