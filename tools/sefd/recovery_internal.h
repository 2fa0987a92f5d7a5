/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of crash recovery share.
 */
#ifndef SEFD_RECOVERY_INTERNAL_H
#define SEFD_RECOVERY_INTERNAL_H

#include "recovery.h"

/** Whether the policy of a service has it restarted. */
bool recovery_wanted(const struct service *service);

/** No replica is to come any more; one that is known is killed. */
void recovery_forget_replica(struct service *service);

/** Keep how the instance ended. */
void recovery_note_end(struct service *service);

/** A service answered a ping. */
void recovery_pong(struct service *service, const struct sef_packet *packet);

#endif
