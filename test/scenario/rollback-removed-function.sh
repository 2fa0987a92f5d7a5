#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Live state points to a function that the new version does not have: refused, by name.
. "${0%/*}/lib.sh"

start_sefd
start_kvd
expect_rollback 'note_(read|write)' "$bin/kvd-v4"
