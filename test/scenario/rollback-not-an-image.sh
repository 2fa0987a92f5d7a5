#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A file that is no ELF file is refused; the old version goes on.
. "$(dirname "$0")/lib.sh"

start_sefd
start_kvd
echo "not an image" >"$dir/image"
expect_rollback 'not an? (ELF|image)|ELF' "$dir/image"
