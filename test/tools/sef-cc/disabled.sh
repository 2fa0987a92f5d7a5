# SPDX-License-Identifier: BSD-2-Clause
# SEF_CC_DISABLE=1 is plain clang, with its exit code; 0 and nothing do not switch off.
quiet env SEF_CC_DISABLE=1 "$CC" "$inputs/args.c" -pie -fPIE -o plain
is_plain plain
expect 1 ./plain x
quiet env SEF_CC_DISABLE=1 "$CC" -static "$inputs/args.c" -o static
expect 0 ./static
expect 1 env SEF_CC_DISABLE=1 "$CC" -c missing.c
for value in 0 ''; do
    quiet env SEF_CC_DISABLE=$value "$CC" "$inputs/args.c" -o image
    is_service_image image
done
