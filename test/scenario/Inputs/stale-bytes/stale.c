/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A string in a block that held a pointer before it was freed. Its last letter and the terminating
 * zero take the place of the pointer's low bytes, and what is left of the pointer makes the word
 * look like one to another object. The string must come through an update unchanged.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "node.h"

enum {
    NODES = 20000,
    BLOCK = 56,  /* bytes of the block that is used twice */
    PREFIX = 16, /* letters before the word in question: free() leaves that word alone */
};

static struct node *list;
static char *text;
static char last;

/* The address that the word will look like, if its low byte is `letter`. */
static uintptr_t resembled(const struct node *n, char letter)
{
    return ((uintptr_t) n & ~(uintptr_t) 0xffff) | (unsigned char) letter;
}

/* A node, and a letter with which the address lies in that node. */
static struct node *choose(char *letter)
{
    for (struct node *n = list; n; n = n->next)
        for (*letter = 'a'; *letter <= 'z'; ++*letter)
            if (resembled(n, *letter) - (uintptr_t) n < sizeof(*n) - sizeof(long))
                return n;
    return NULL;
}

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) type, (void) info;
    for (int i = 0; i < NODES; i++) {
        struct node *n = calloc(1, sizeof(*n));
        if (!n)
            return ENOMEM;
        n->next = list;
        list = n;
    }
    struct node *target = choose(&last);
    struct node *volatile *block = malloc(BLOCK);
    if (!target || !block)
        return ENOMEM;
    block[PREFIX / sizeof(*block)] = target;
    uintptr_t place = (uintptr_t) block;
    free((void *) block);
    text = malloc(BLOCK);
    if ((uintptr_t) text != place)
        return EAGAIN;
    memset(text, 'x', PREFIX);
    text[PREFIX] = last;
    text[PREFIX + 1] = '\0';
    return OK;
}

static int init_lu(int type, sef_init_info_t *info)
{
    int result = sef_cb_init_lu_generic(type, info);

    if (result != OK)
        return result;
    return strlen(text) == PREFIX + 1 && text[PREFIX] == last ? OK : EILSEQ;
}

int main(void)
{
    sef_setcb_init_fresh(init_fresh);
    sef_setcb_init_lu(init_lu);
    if (sef_startup() != OK)
        return 1;
    for (;;)
        sef_wait(NULL, 0, -1);
}
