/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A structure that version 2 changes, so that every object of it moves.
 */
#ifndef NODE_H
#define NODE_H

struct node {
    long added;
    struct node *next;
    long payload[5];
};

#endif
