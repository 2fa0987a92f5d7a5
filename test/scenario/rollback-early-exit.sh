#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The new main exits before it calls sef_startup(): the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode exit-early
expect_rollback 'exit' "$bin/kvd-v3"
