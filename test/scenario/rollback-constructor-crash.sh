#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A constructor of the new image crashes: the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
fault_mode ctor-crash
expect_rollback 'SIGILL|SIGTRAP|illegal instruction|trap' "$bin/kvd-v3"
