#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An image that does not exist is refused; the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
expect_rollback 'no such file' "$dir/no-such-image"
