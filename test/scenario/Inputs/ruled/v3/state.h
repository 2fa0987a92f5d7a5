/* SPDX-License-Identifier: BSD-2-Clause
 * As version 2, which this one includes; it wants nothing to be dropped. */
#include "../v2/state.h"

SEF_POLICY("removed=refuse") int main(void);
