/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts up as a service and ends. */
#include <sef/sef.h>

int main(void)
{
    return sef_startup();
}
