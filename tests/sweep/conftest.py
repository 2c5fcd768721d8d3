# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests have, for this folder, too."""

from __future__ import annotations

from tests.integration.conftest import account, play, served

__all__ = ["account", "play", "served"]
