#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The initialisation crashes with the state already there: the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode crash
expect_rollback 'SIG(ILL|TRAP|SEGV|ABRT)|illegal|trap|segmentation|abort' "$bin/kvd-v3"
