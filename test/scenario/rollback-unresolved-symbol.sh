#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An image with an undefined symbol is refused; the message names it.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
expect_rollback 'nowhere_defined' "$bin/kvd-undefined"
