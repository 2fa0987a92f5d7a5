#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The state transfer crashes: the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode crash-transfer
expect_rollback 'SIGSEGV|segmentation' "$bin/kvd-v3"
