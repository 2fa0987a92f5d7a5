/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Address-space re-randomisation: live updates of a service to another of its variants (docs/asr.md).
 *
 * Variants are images that were built ahead; which one is next is drawn at random among those that do
 * not run, so that nobody can tell. Source: update_asr of MINIX, differs: it took them in turn.
 */
#ifndef SEFD_RERANDOMIZE_H
#define SEFD_RERANDOMIZE_H

struct client;
struct service;

/** Update a service to another variant; answers `client`, unless it is NULL, as update_begin() does.
 * Errors answered: EINVAL the service has no other variant; what update_begin() answers. */
void rerandomize_begin(struct service *service, struct client *client);

/** Arm or disarm the timer of a service, as its configuration says now. */
void rerandomize_schedule(struct service *service);

#endif
