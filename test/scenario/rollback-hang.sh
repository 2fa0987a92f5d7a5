#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The initialisation never ends: the time limit ends it, the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode hang
expect_rollback 'hung|time limit' --timeout 1s "$bin/kvd-v3"
