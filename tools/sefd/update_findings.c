/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a service found out in a transfer, as JSON: warnings, differences, the error, the policies.
 *
 * The service's bytes are untrusted; channel_receive() made texts safe to show, here they become UTF-8.
 */
#include "update.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <magic/error.h>

#include "json.h"

static void set_line(json_t *object, uint64_t line)
{
    if (line)
        json_set_number(object, "line", line);
}

/* A message, alone or with the fields behind it. Writes to `line`. */
static json_t *message(char *line)
{
    enum { TEXT, ENTITY, MEMBER, TYPE, FILE_NAME, LINE, N_FIELDS };
    char *fields[N_FIELDS] = { line };
    size_t n = 1;
    for (char *tab = strchr(line, '\t'); tab; tab = strchr(tab + 1, '\t')) {
        *tab = '\0';
        if (n < N_FIELDS)
            fields[n] = tab + 1;
        n++;
    }
    json_t *object = json_object();
    (void) json_object_set_new(object, "text", json_text(fields[TEXT]));
    if (n != N_FIELDS)
        return object;
    json_set_text(object, "entity", fields[ENTITY]);
    json_set_text(object, "member", fields[MEMBER]);
    json_set_text(object, "type", fields[TYPE]);
    json_set_text(object, "file", fields[FILE_NAME]);
    set_line(object, strtoul(fields[LINE], NULL, 10));
    return object;
}

/* Messages, one a line: warnings, and differences without the word that tells them. */
static void split(const char *text, json_t *warnings, json_t *differences)
{
    static const char difference[] = "difference: ";
    const size_t word = sizeof difference - 1;
    char line[SEF_WIRE_TEXT_MAX];
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        memcpy(line, text, len);
        line[len] = '\0';
        if (strncmp(line, difference, word) == 0)
            (void) json_array_append_new(differences, message(line + word));
        else if (len)
            (void) json_array_append_new(warnings, message(line));
    }
}

static void set_messages(json_t *findings, const struct sef_packet *packet)
{
    json_t *warnings = json_array(), *differences = json_array();
    const char *text = packet->text;
    if (packet->result != 0) {
        text += strcspn(text, "\n"); /* what went wrong */
        text += *text != '\0';
    }
    split(text, warnings, differences);
    if (packet->result == 0 || json_array_size(warnings) > 0)
        (void) json_object_set(findings, "warnings", warnings);
    if (json_array_size(differences) > 0)
        (void) json_object_set(findings, "differences", differences);
    json_decref(warnings);
    json_decref(differences);
}

static void set_address(json_t *object, const char *key, uint64_t address)
{
    char text[32];
    snprintf(text, sizeof text, "%#" PRIx64, address);
    if (address)
        json_set_text(object, key, text);
}

static json_t *error_of(const struct sef_update_error *error)
{
    json_t *object = json_object();
    (void) json_object_set_new(object, "code", json_integer(error->code));
    json_set_text(object, "reason", magic_strerror(error->code));
    json_set_text(object, "entity", error->entity);
    json_set_text(object, "member", error->member);
    json_set_text(object, "type", error->type);
    json_set_text(object, "file", error->file);
    set_line(object, error->line);
    set_address(object, "old_address", error->old_addr);
    set_address(object, "new_address", error->new_addr);
    return object;
}

static json_t *policies_of(const struct sef_update_policy *policies)
{
    json_t *array = json_array();
    for (size_t i = 0; i < SEF_WIRE_POLICIES && policies[i].name[0]; i++) {
        json_t *object = json_object();
        json_set_text(object, "name", policies[i].name);
        json_set_text(object, "action", policies[i].action);
        (void) json_object_set_new(object, "count", json_integer((json_int_t) policies[i].count));
        (void) json_array_append_new(array, object);
    }
    return array;
}

void update_set_findings(struct update *update, const struct sef_packet *packet)
{
    json_t *findings = json_object();
    update->stats = packet->stats;
    set_messages(findings, packet);
    if (packet->error.code)
        (void) json_object_set_new(findings, "error", error_of(&packet->error));
    if (packet->policies[0].name[0])
        (void) json_object_set_new(findings, "policies", policies_of(packet->policies));
    json_decref(update->findings);
    update->findings = findings;
}
