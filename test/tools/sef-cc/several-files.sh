# SPDX-License-Identifier: BSD-2-Clause
# Several inputs of several kinds in one command, options anywhere, -o joined or not.
quiet "$CC" "$inputs/part-main.c" "$inputs/part.c" -o both
is_service_image both
expect 7 ./both
quiet "$CC" "$inputs/part-main.c" "$inputs/part.c"
expect 7 ./a.out
quiet "$CC" -c "$inputs/part.c"
quiet "$CC" -ojoined part.o "$inputs/part-main.c"
expect 7 ./joined
ar rc libpart.a part.o
quiet "$CC" "$inputs/part-main.c" -L. -lpart -o archive
expect 7 ./archive
quiet "$CC" "$inputs/part-main.c" -L . -l part -o archive
expect 7 ./archive
quiet "$CC" -std=c99 -O2 "$inputs/part-main.c" -- part.o
expect 7 ./a.out
cp "$inputs/part-main.c" ./-main.c
quiet "$CC" -o dash part.o -- -main.c
expect 7 ./dash
