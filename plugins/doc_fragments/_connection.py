# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the collection: it can change or vanish in any release.

"""How every module reaches the API."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the Marketplace API. The host alone and the host with C(/public) or C(/public/v1) are accepted.
      - It must start with C(https://); C(http://) is accepted for the loopback interface only.
      - If empty or not set, the environment variable E(SWO_API_URL) is used, then E(MPT_API_BASE_URL), both read where
        the module runs.
    type: str
    default: https://api.platform.softwareone.com/public/v1
  api_token:
    description:
      - API token of the Marketplace account. Spaces and line breaks around it are ignored.
      - If empty or not set, the environment variable E(SWO_API_TOKEN) is used, then E(MPT_API_TOKEN). One of them is
        required.
      - Reading contacts and categories works with the token of any account. Creating, deleting, blocking and
        unblocking contacts need the token of an Operations account.
    type: str
  expect_account:
    description:
      - Id of the account that the token has to belong to. A token of another account is refused before anything else is
        asked, at the price of one request.
      - The token needs the permission to read API tokens; without it, nothing is proven and the task fails.
      - If not set, the environment variable E(SWO_EXPECT_ACCOUNT) is used.
    type: str
  api_timeout:
    description:
      - Seconds that one call of the API may take, from 1 to 600. A task makes several calls.
      - If not set, the environment variable E(SWO_API_TIMEOUT) is used.
    type: int
    default: 30
  validate_certs:
    description:
      - Whether the API's certificate has to be valid. Turn it off for tests on a machine of your own only.
      - If not set, the environment variable E(SWO_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the CA certificates to trust instead of the system's.
      - If not set, the environment variable E(SWO_CA_PATH) is used.
    type: path
attributes:
  action_group:
    description: Use C(group/softwareone.marketplace.all) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - softwareone.marketplace.all
requirements:
  - python >= 3.8
  - requests >= 2.32.4
seealso:
  - name: Notifications API
    description: The documentation of the API behind this module.
    link: https://docs.platform.softwareone.com/developer-resources/rest-api/notifications-api
"""
