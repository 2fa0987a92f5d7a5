#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Live state points to a function that the new version does not have: refused, by name.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
# Until this changes the hooks, they are as compiled, and version 4's own would take their place.
cli config set track-hits no >/dev/null
expect_rollback 'ignore_entry' "$bin/kvd-v4"
