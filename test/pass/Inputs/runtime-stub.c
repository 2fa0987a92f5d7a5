/* SPDX-License-Identifier: BSD-2-Clause
 * What a service image needs of the runtime to link and load. */
__thread void *__magic_site;
void __magic_pool(void *p, unsigned long size, unsigned long count, void *site)
{
    (void) p, (void) size, (void) count, (void) site;
}
void __magic_pool_free(void *p)
{
    (void) p;
}
void __magic_late(void *p, void *site, void *noted)
{
    (void) p, (void) site, (void) noted;
}
void _magic_start(void)
{
}
