#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# A string whose end and the bytes behind it look like a pointer to an object that moves is not
# changed by an update (Inputs/stale-bytes). Seen as wrong values under traffic before.
. "$(dirname "$0")/lib.sh"

start_sefd
"$bin/sefctl" up stale -- "$bin/stale-v1" || fail "sefctl up exited with $?"
"$bin/sefctl" update stale "$bin/stale-v2" || fail "the string has changed"
"$bin/sefctl" down stale
