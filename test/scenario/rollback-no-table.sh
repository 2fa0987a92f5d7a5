#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A program without a state table is refused; the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
expect_rollback 'no state table|not a service image|sef-cc' "$bin/kvd-plain"
