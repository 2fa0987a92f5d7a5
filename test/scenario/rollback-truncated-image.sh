#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An image that was not written completely is refused; the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
head -c 20000 "$bin/kvd-v2" >"$dir/image"
expect_rollback "past the file's end|truncated" "$dir/image"
