#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The record of what was applied, which inventory.yml names, is on the branch `applied` and nowhere else.
#
#   bash ci/record.sh get   puts it into records/, from the branch as it was checked out; there may be none yet
#   bash ci/record.sh put   puts records/ on the branch: only for the job that provisions, on GitHub
#
# Without it no run does more than with it, so a record that cannot be had or kept fails no run.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077
branch=applied
tip="refs/remotes/origin/$branch"

get() {
  mkdir -p records
  # Of an account that keeps no record there is no such branch.
  if git rev-parse --quiet --verify "$tip" > /dev/null; then
    git archive "$tip" | tar -x -C records
  fi
}

# In an `if` nothing stops at a failure by itself, and to push nothing would delete the branch.
push() {
  local header index tree commit code=0 parent=()
  header="Authorization: Basic $(printf 'x-access-token:%s' "${GITHUB_TOKEN:-}" | base64 --wrap=0)"
  # In the environment, because other users of the machine can read arguments.
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="$header"
  git ls-remote --exit-code origin "refs/heads/$branch" > /dev/null || code=$?
  case "$code" in
    0) git fetch --quiet origin "+refs/heads/$branch:$tip" && parent=(-p "$tip") || return 1 ;;
    2) ;;  # no such branch
    *) return 1 ;;
  esac
  index="$(mktemp -u)"
  tree="$(cd records && export GIT_INDEX_FILE="$index" GIT_DIR=../.git GIT_WORK_TREE=. && git add --all . && git write-tree)" || return 1
  rm -f "$index"
  if [ "$code" = 0 ] && [ "$tree" = "$(git rev-parse "$tip^{tree}")" ]; then
    return 0
  fi
  commit="$(git -c user.name=provision -c user.email=provision@localhost \
    commit-tree "$tree" ${parent[@]+"${parent[@]}"} -m "Applied as $(git rev-parse HEAD)")" || return 1
  git push --quiet origin "$commit:refs/heads/$branch"
}

put() {
  if [ -z "${GITHUB_ACTIONS:-}" ] || ! compgen -G 'records/*.json' > /dev/null; then
    return 0
  fi
  for pause in 1 3 0; do
    if push; then
      return 0
    fi
    sleep "$pause"
  done
  return 1
}

case "${1:-}" in
  get) get || echo "::warning::The record of what was applied cannot be read. Differences count as drift." ;;
  put) put || echo "::warning::The record of what was applied was not kept. The next run has the one before." ;;
  *) exit 2 ;;
esac
