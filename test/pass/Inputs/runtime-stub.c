/* SPDX-License-Identifier: BSD-2-Clause
 * What a service image needs of the runtime to link and load. */
__thread void *__magic_site;
void _magic_start(void)
{
}
