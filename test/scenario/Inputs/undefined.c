/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reference that nothing defines; linked with -z undefs, it is found missing at load time.
 */
void nowhere_defined(void);
void (*needs_nowhere_defined(void))(void);

void (*needs_nowhere_defined(void))(void)
{
    return nowhere_defined;
}
