/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Variants of a program: the same program with another layout of its address space.
 */
#ifndef SEF_CC_ASR_H
#define SEF_CC_ASR_H

#include <stdbool.h>
#include <stdint.h>

#include "scan.h"
#include "words.h"

/** What --sef-asr= asks for. */
struct asr {
    bool wanted;
    uint64_t seed;
};

/** Take --sef-asr=SEED out of the words, the last of several, and hand it to the pass in its
 * environment variable, after what is there.
 *
 * Errors: does not return when the seed is no number of 64 bits. */
struct asr asr_take(struct words *words);

/** Have the linker put the parts of a program or library into another order. That takes lld, which
 * is chosen unless the user chose a linker; with another one the order of the files stays. */
void asr_push_link(struct argv_list *args, const struct asr *asr, const struct words *words);

#endif
