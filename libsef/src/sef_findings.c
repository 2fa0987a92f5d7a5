/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the runtime found out in a transfer, put into packets.
 *
 * May run in a signal handler: a message about a stale pointer comes from one.
 */
#include <stdio.h>

#include "hooks.h"
#include "sef_internal.h"

static void add_stats(struct sef_update_stats *stats)
{
    const struct st_stats *st = st_last_stats ? st_last_stats() : NULL;

    if (!st)
        return;
    stats->ns_pair = st->ns_pair;
    stats->ns_move = st->ns_move;
    stats->ns_convert = st->ns_convert;
    stats->ns_scan = st->ns_scan;
    stats->ns_reinstall = st->ns_reinstall;
    stats->ns_seal = st->ns_seal;
    stats->vars_paired = st->vars_paired;
    stats->vars_added = st->vars_added;
    stats->vars_removed = st->vars_removed;
    stats->vars_converted = st->vars_converted;
    stats->types_changed = st->types_changed;
    stats->objects = st->objects;
    stats->objects_moved = st->objects_moved;
    stats->objects_in_place = st->objects_in_place;
    stats->bytes_moved = st->bytes_moved;
    stats->ptrs_precise = st->ptrs_precise;
    stats->ptrs_conservative = st->ptrs_conservative;
    stats->bytes_scanned = st->bytes_scanned;
    stats->warnings = st->warnings;
    stats->ns_verify = st->ns_verify;
    stats->values_checked = st->values_checked;
    stats->values_unchecked = st->values_unchecked;
    stats->differences = st->differences;
}

static void add_error(struct sef_update_error *error)
{
    const struct st_error *st = st_last_error ? st_last_error() : NULL;

    if (!st || st->code == 0)
        return;
    error->code = st->code;
    error->line = st->line;
    error->old_addr = st->old_addr;
    error->new_addr = st->new_addr;
    snprintf(error->entity, sizeof(error->entity), "%s", st->entity);
    snprintf(error->member, sizeof(error->member), "%s", st->member);
    snprintf(error->type, sizeof(error->type), "%s", st->type);
    snprintf(error->file, sizeof(error->file), "%s", st->file);
}

static void add_policies(struct sef_update_policy *to)
{
    const struct st_policy *from;
    const size_t n = st_last_policies ? st_last_policies(&from) : 0;

    for (size_t i = 0; i < n && i < SEF_WIRE_POLICIES; i++) {
        snprintf(to[i].name, sizeof(to[i].name), "%s", from[i].name);
        snprintf(to[i].action, sizeof(to[i].action), "%s", from[i].action);
        to[i].count = from[i].count;
    }
}

void sef__findings_add(struct sef_packet *packet)
{
    add_stats(&packet->stats);
    add_error(&packet->error);
    add_policies(packet->policies);
}

/* Append text to that of the packet, as part of one line without tabs. */
static void add_text(struct sef_packet *packet, const char *text)
{
    size_t len = packet->text_len;

    for (; *text && len < SEF_WIRE_TEXT_MAX - 1; text++)
        packet->text[len++] = (unsigned char) *text < 0x20 ? ' ' : *text;
    packet->text[len] = '\0';
    packet->text_len = (uint16_t) len;
}

static void add_field(struct sef_packet *packet, const char *text)
{
    if (packet->text_len < SEF_WIRE_TEXT_MAX - 1) {
        packet->text[packet->text_len++] = '\t';
        add_text(packet, text);
    }
}

void sef__findings_message(struct sef_packet *packet, const char *line)
{
    static const char difference[] = "difference: ";
    const struct st_error *w = st_last_warning ? st_last_warning() : NULL;
    char number[16];

    add_text(packet, line);
    if (strncmp(line, difference, sizeof(difference) - 1) == 0)
        line += sizeof(difference) - 1;
    if (!w || !w->text[0] || strcmp(w->text, line) != 0)
        return;
    snprintf(number, sizeof(number), "%u", w->line);
    add_field(packet, w->entity);
    add_field(packet, w->member);
    add_field(packet, w->type);
    add_field(packet, w->file);
    add_field(packet, number);
}
