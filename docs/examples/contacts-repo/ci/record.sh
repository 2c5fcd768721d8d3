#!/usr/bin/env bash
# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The record of what was applied, which inventory.yml names, is on the branch `applied` and nowhere else.
#
#   bash ci/record.sh get   puts it into records/, from the branch as it is now; there may be none yet
#   bash ci/record.sh put   puts records/ on the branch, with RECORD_TOKEN: only for the job that provisions
#
# Without it no run does more than with it, so a record that cannot be had or kept fails no run.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077
branch="refs/heads/applied"
seen="refs/remotes/origin/applied"

# GitLab checks out one branch only, and its address has a token that may read. The others check out all branches.
fetch() {
  local code=0
  git ls-remote --exit-code "$CI_REPOSITORY_URL" "$branch" > /dev/null || code=$?
  case "$code" in
    0) git fetch --quiet --depth 1 "$CI_REPOSITORY_URL" "+$branch:$seen" ;;
    2) git update-ref -d "$seen" ;;  # no such branch
    *) return 1 ;;
  esac
}

get() {
  rm -rf records
  mkdir records
  if [ -n "${GITLAB_CI:-}" ]; then
    fetch || return 1
  fi
  # Of an account that keeps no record there is no such branch.
  if git rev-parse --quiet --verify "$seen" > /dev/null; then
    git archive "$seen" | tar -x -C records
  fi
}

# Prints the commit that comes after the one that was read; nothing if there is nothing new. In an `if` nothing stops at a
# failure by itself.
commit() {
  local index tree parent=()
  index="$(mktemp -u)"
  tree="$(cd records && export GIT_INDEX_FILE="$index" GIT_DIR=../.git GIT_WORK_TREE=. && git add --all . && git write-tree)" || return 1
  rm -f "$index"
  if git rev-parse --quiet --verify "$seen" > /dev/null; then
    parent=(-p "$seen")
    if [ "$tree" = "$(git rev-parse "$seen^{tree}")" ]; then
      return 0
    fi
  fi
  git -c user.name=provision -c user.email=provision@localhost \
    commit-tree "$tree" ${parent[@]+"${parent[@]}"} -m "Applied as $(git rev-parse HEAD)"
}

put() {
  local new header address=origin
  if ! compgen -G 'records/*.json' > /dev/null; then
    return 0
  fi
  new="$(commit)" || return 1
  # To push nothing would delete the branch.
  if [ -z "$new" ]; then
    return 0
  fi
  # Azure hands on the name of a variable that is not set.
  if [[ ${RECORD_TOKEN:-} =~ ^(\$\(.*)?$ ]]; then
    echo "RECORD_TOKEN is not set." >&2
    return 1
  fi
  header="Authorization: Basic $(printf 'x-access-token:%s' "$RECORD_TOKEN" | base64 --wrap=0)"
  # In the environment, because other users of the machine can read arguments.
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="$header"
  # The other address of GitLab has a token in it that may not write.
  if [ -n "${GITLAB_CI:-}" ]; then
    address="$CI_PROJECT_URL.git"
  fi
  # Without force: refused if somebody else has written there since it was read.
  for pause in 1 3 0; do
    if git push --quiet "$address" "$new:$branch"; then
      return 0
    fi
    sleep "$pause"
  done
  return 1
}

warn() {
  if [ -n "${GITHUB_ACTIONS:-}" ]; then
    echo "::warning::$1"
  elif [ -n "${TF_BUILD:-}" ]; then
    echo "##vso[task.logissue type=warning]$1"
  else
    echo "Warning: $1"
  fi
}

case "${1:-}" in
  get) get || warn "The record of what was applied cannot be read. Differences count as drift." ;;
  put) put || warn "The record of what was applied was not kept. The next run has the one before." ;;
  *) exit 2 ;;
esac
