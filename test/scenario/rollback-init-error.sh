#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The initialisation fails with the state already there: the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode fail
expect_rollback 'cancel' "$bin/kvd-v3"
