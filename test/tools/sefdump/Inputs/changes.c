/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two versions (V is 1 or 2) between which nearly everything changed: what sefdump --diff tells about.
 */
#include <stdlib.h>

#include <sef/sef.h>

#if V == 1
struct client {
    int sock;
    char *name;
    struct client *next;
};
#define CLIENT struct client
#else
struct conn {
    struct conn *next;
    long created;
    int fd;
    char *name;
};
#define CLIENT struct conn
#endif

struct counters {
    unsigned hits;
#if V == 1
    long total;
    short ratio;
    unsigned low : 3, high : 5;
    int gone;
    char pad;
#else
    char added;
    int total;
    double ratio;
    unsigned low : 2, high : 6;
#endif
};
static struct counters counters;

struct session {
#if V == 1
    int sock;
#else
    int fd;
#endif
    void *owner;
};
static struct session session;

#if V == 1
enum color { RED, GREEN, BLUE, ODD = 9 };
#else
enum color { RED, BLUE = 4, LIME = 1 };
#endif
static enum color color;

enum tag { NOTHING, NUMBER, TEXT };
struct value {
    enum tag tag;
    union {
        long number;
        char *text;
#if V == 2
        double real[2];
        struct counters *counters;
#else
        struct counters counters;
#endif
    } u;
};
static struct value value;

struct packet {
    unsigned len;
#if V == 2
    unsigned flags;
#endif
    char data[];
};

struct unchanged {
    int x;
};
static struct unchanged unchanged;

#if V == 1
static int n_hits = 1;
static int table[8];
static char *limit;
static const int version[2] = { 1, 0 };
static int became_constant = 3;
static float dropped[3];
#else
static int hits = 1;
static int table[4];
static struct unchanged limit;
static const int version[2] = { 2, 0 };
static const int became_constant = 3;
static long brand_new;
#endif

#if V == 1
static int handle_read(int fd) {
    return fd;
}
static int (*handler)(int) = handle_read;
#else
static int on_read(int fd) {
    return fd + 1;
}
static int (*handler)(int) = on_read;
#endif

static CLIENT *head;
static struct packet *packet;
static void *opaque;
static volatile int sink;

int main(int argc, char **argv) {
    (void) argv;
    head = calloc(1, sizeof(CLIENT));
    packet = malloc(sizeof(struct packet) + (size_t) argc);
    opaque = malloc((size_t) argc * 64);
#if V == 1
    sink = n_hits + (limit != NULL) + (dropped[0] > 0);
#else
    sink = hits + limit.x + (int) brand_new;
#endif
    sink += handler(argc) + version[argc & 1] + became_constant + table[argc & 3] +
           (int) counters.hits + (int) color + (int) value.tag + unchanged.x + (session.owner != NULL);
    return 0;
}
