/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service that speaks sef/wire.h by hand and misbehaves as its arguments say.
 *
 * Arguments are words; each names a phase and what to do there in place of the right thing. Words
 * hold for the first update only, so that a test can see that the next one works; with "always"
 * they hold for all. The new "image" is never loaded: the child of the fork plays the new instance.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/sef.h>
#include <sef/wire.h>

static char **words;
static int control;
static int attempt;     /* number of the update, from 1 */
static uint32_t serial; /* of the last request to prepare */

static bool told(const char *word)
{
    bool found = false, always = false;
    for (char **w = words; *w; w++) {
        found = found || strcmp(*w, word) == 0;
        always = always || strcmp(*w, "always") == 0;
    }
    return found && (always || attempt <= 1);
}

/* What a service may say of a transfer, and some that it should not. */
static void add_findings(struct sef_packet *packet)
{
    static const char names[][8] = { "removed", "lost", "<b>\x1b\xff" };

    for (int i = 0; i < 3; i++) {
        memcpy(packet->policies[i].name, names[i], sizeof names[i]);
        strcpy(packet->policies[i].action, i ? "refuse" : "warn");
        packet->policies[i].count = i ? 0 : 2;
    }
    if (!told("start-fail"))
        return;
    packet->error = (struct sef_update_error) {
        .code = -105, .line = 7, .old_addr = 0x1000, .entity = "list", .type = "int <&>\n\t"
    };
    memset(packet->error.member, 'm', sizeof packet->error.member); /* not terminated */
    strcpy(packet->error.file, "src/\xff.c");
}

static void tell(int type, int result, int pid, const char *text)
{
    struct sef_packet packet = { .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = type,
        .result = result,
        .pid = pid,
        .serial = serial,
        .text_len = (uint16_t) strlen(text) };
    packet.stats.ns_fork = 400000;
    packet.stats.ns_load = 300000;
    packet.stats.ns_scan = 700000;
    packet.stats.ns_pause = 2800000;
    packet.stats.vars_paired = 41;
    packet.stats.objects = 100012;
    packet.stats.objects_moved = 100003;
    packet.stats.ptrs_precise = 207;
    packet.stats.ptrs_conservative = 12;
    packet.stats.warnings = told("start-warn") ? 5 : told("start-parts") ? 2 : 0;
    if (told("start-differ") || told("start-parts")) {
        packet.stats.values_checked = 40;
        packet.stats.values_unchecked = 1;
        packet.stats.differences = told("start-differ") ? 3 : 0;
        packet.stats.ns_verify = 900000;
    }
    if (told("start-fail") || told("start-parts"))
        add_findings(&packet);
    strcpy(packet.text, text);
    (void) !send(
        control, &packet, offsetof(struct sef_packet, text) + packet.text_len + 1u, MSG_NOSIGNAL);
}

static void hang(void)
{
    for (;;)
        pause();
}

static void tell_garbage(int count)
{
    struct sef_packet bad = {
        .magic = SEF_WIRE_MAGIC, .version = SEF_WIRE_VERSION, .type = RS_LU_COMMIT, .text_len = 9
    };
    for (int i = 0; i < count; i++) {
        (void) !send(control, "x", 1, 0);
        (void) !send(control, &bad, sizeof bad, 0); /* length and text_len disagree */
        bad.version++;
        (void) !send(control, &bad, offsetof(struct sef_packet, text) + 10, 0);
        bad.version--;
        bad.magic++;
        (void) !send(control, &bad, offsetof(struct sef_packet, text) + 10, 0);
        bad.magic--;
    }
}

/* Wait until the test opens the other end of the pipe "gate". */
static void wait_at_gate(void)
{
    char byte;
    int fd = open("gate", O_RDONLY);
    if (fd < 0 || read(fd, &byte, 1) < 0)
        _exit(8);
    close(fd);
}

/* What a word "PHASE-crash", "PHASE-exit", ... makes of any phase. */
static void misbehave(const char *phase)
{
    char word[64];
    static const char *const ways[] = { "crash", "exit", "hang", "close", "garbage", "flood",
        "gate", "nonsense" };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        snprintf(word, sizeof word, "%s-%s", phase, ways[i]);
        if (!told(word))
            continue;
        switch (i) {
        case 0:
            raise(SIGSEGV);
            break;
        case 1:
            _exit(3);
        case 2:
            hang();
            break;
        case 3:
            close(control);
            hang();
            break;
        case 4:
            tell_garbage(2);
            break;
        case 5:
            tell_garbage(100);
            break;
        case 6:
            wait_at_gate();
            break;
        default:
            for (int type = RS_INIT; type <= RS_LU_ROLLBACK + 1; type++) {
                if (type != RS_LU_PREPARE && type != RS_LU_START && type != RS_LU_ROLLBACK)
                    tell(type, 0, 1, "\033[31m\xff nonsense");
            }
        }
    }
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    control = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    return control < 0 ? -1 : connect(control, (struct sockaddr *) &address, sizeof address);
}

/* Come back to the daemon that there is now, as a service does: again until it is known. */
static void rejoin(const char *label)
{
    struct sef_packet packet = { .result = ESRCH };
    do {
        close(control);
        if (connect_to(getenv(SEF_RESUME_SOCKET_ENV)) < 0)
            _exit(9);
        tell(RS_RESUME, OK, getpid(), label);
    } while (recv(control, &packet, sizeof packet, 0) <= 0);
    if (packet.result != OK)
        _exit(10);
}

/* The new instance. Returns when it is the service. */
static void play_child(int parent)
{
    char order = 0;
    misbehave("child");
    (void) !write(parent, "I", 1);
    ssize_t n = read(parent, &order, 1);
    if (n == 1 && order != 'G')
        _exit(0);
    misbehave("go");
    if (told("go-rejoin"))
        rejoin("s");
    else
        tell(RS_LU_COMMIT, OK, getpid(), "");
    close(parent);
}

static void receive(struct sef_packet *packet)
{
    ssize_t n = recv(control, packet, sizeof *packet, 0);
    if (n <= 0)
        _exit(0);
}

static void end_child(pid_t child, int fd)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(fd);
}

/* After the reply to RS_LU_START: what the daemon wants. Returns in the old instance only when it
 * goes on. */
static void await_decision(pid_t child, int fd)
{
    struct sef_packet packet;
    do
        receive(&packet);
    while ((packet.type != RS_LU_COMMIT || told("commit-ignore")) && packet.type != RS_LU_ROLLBACK);
    if (packet.type == RS_LU_COMMIT) {
        misbehave("commit");
        if (told("commit-rollback")) {
            end_child(child, fd);
            tell(RS_LU_ROLLBACK, ERESTART_SEF, 0, "changed my mind");
            return;
        }
        (void) !write(fd, "G", 1);
        if (told("commit-stay"))
            hang();
        _exit(0);
    }
    misbehave("rollback");
    end_child(child, fd);
    tell(RS_LU_ROLLBACK, ECANCELED, 0, "as asked");
}

/* Show what came with a request to start. */
static void print_wishes(const struct sef_packet *request)
{
    const char *option = strchr(request->text, '\n');
    char text[8192];
    FILE *file = option ? fopen(option + sizeof "\nrules=" - 1, "r") : NULL;
    size_t n = file ? fread(text, 1, sizeof text, file) : 0;
    fprintf(stderr, "wishes: verify %d %.*s[%.*s]\n", (request->flags & SEF_LU_VERIFY) != 0,
        option ? 6 : 0, option ? option + 1 : "", (int) n, text);
    if (file)
        fclose(file);
}

/* Likewise its flags and all that follows the image. */
static void print_start(const struct sef_packet *request)
{
    fprintf(stderr, "start: flags 0x%x limit %u%s\n", (unsigned) request->flags,
        (unsigned) request->limit_ms, request->text + strcspn(request->text, "\n"));
}

/* Messages with parts, with too few, and with too many. */
static const char parts[] = "list.next (src/a.c:12): dropped\tlist\t.next\t\tsrc/a.c\t12\n"
                            "<few>\ta\tb\nmany\t\t\t\t\t\t";

/* A transfer that was checked and got a value wrong. */
static const char differ[] =
    "list.next (src/a.c:12): was 1\n"
    "difference: list.next (src/a.c:12): was 1\tlist\t.next\tint\tsrc/a.c\t12\n"
    "dropped\ndifference: <few>\ta\n";

static void start(const struct sef_packet *request)
{
    int pair[2];
    char word = 0;
    misbehave("start");
    char image[4096];
    snprintf(image, sizeof image, "%.*s", (int) strcspn(request->text, "\n"), request->text);
    if (access(image, R_OK) < 0)
        tell(RS_LU_ROLLBACK, errno, 0, "no image");
    if (told("print-wishes"))
        print_wishes(request);
    if (told("print-start"))
        print_start(request);
    if (told("start-rollback")) {
        tell(RS_LU_ROLLBACK, ELIBBAD, 0, "image cannot be loaded");
        return;
    }
    if (told("start-silent")) {
        tell(RS_LU_ROLLBACK, ELIBBAD, 0, "");
        return;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        _exit(4);
    pid_t child = fork();
    if (child == 0) {
        close(pair[0]);
        play_child(pair[1]);
        return;
    }
    close(pair[1]);
    struct pollfd wait[] = { { .fd = pair[0], .events = POLLIN },
        { .fd = control, .events = POLLIN } };
    while (poll(wait, 2, -1) < 0)
        ;
    if (!wait[0].revents) { /* the daemon lost patience with the child */
        await_decision(child, pair[0]);
        return;
    }
    ssize_t n = read(pair[0], &word, 1);
    misbehave("reply");
    if (n != 1)
        tell(RS_LU_START, EFAULT, child, "the new instance ended");
    else if (told("start-differ"))
        tell(RS_LU_START, EPROTO, child, differ);
    else if (told("start-fail"))
        tell(RS_LU_START, ENOSYS, child, "initialisation failed\n\033[1m in line 7 \xff");
    else
        tell(RS_LU_START, OK, child,
            told("start-warn")    ? "one\ntwo\033[1m \xff\n\nthree"
            : told("start-parts") ? parts
                                  : "");
    if (request->flags & SEF_LU_REHEARSE)
        end_child(child, pair[0]);
    else
        await_decision(child, pair[0]);
}

static void prepare(const struct sef_packet *request)
{
    struct sef_packet packet;
    if (request->state == SEF_LU_STATE_NULL) {
        if (told("cancel-opens-gate"))
            close(open("gate", O_WRONLY));
        return;
    }
    attempt++;
    serial = request->serial;
    misbehave("prepare");
    if (told("prepare-refuse") || strcmp(request->text, "refuse") == 0) {
        tell(RS_LU_PREPARE, EINVAL, 0, request->text[0] ? request->text : "not in this state");
        return;
    }
    if (told("prepare-late")) {
        /* Our ready crosses the cancel, which we have not read yet. */
        (void) !recv(control, &packet, sizeof packet, MSG_PEEK);
        tell(RS_LU_PREPARE, OK, 0, "");
        receive(&packet);
        if (packet.type != RS_LU_PREPARE || packet.state != SEF_LU_STATE_NULL ||
            packet.serial != serial)
            _exit(5);
        return;
    }
    if (told("prepare-stale")) {
        receive(&packet); /* the cancel */
        receive(&packet);
        tell(RS_LU_PREPARE, OK, 0, "");
        prepare(&packet);
        return;
    }
    if (request->state == SEF_LU_STATE_UNREACHABLE)
        return;
    tell(RS_LU_PREPARE, OK, 0, "");
}

static void init(const struct sef_packet *request)
{
    misbehave("init");
    if (told("print-init"))
        fprintf(stderr, "init: endpoint %d restarts %d flags %#x\n", (int) request->endpoint,
            (int) request->restarts, (unsigned) request->flags);
    if (request->init_type != SEF_INIT_FRESH || request->text[0] == '\0')
        _exit(6);
    if (told("helper") && fork() == 0) {
        close(control);
        hang();
    }
    if (told("init-fail"))
        tell(RS_INIT, ENOSYS, 0, "no such device");
    else
        tell(RS_INIT, OK, 0, "");
    for (char **w = words; *w; w++) {
        if (strcmp(*w, "idle-garbage") == 0)
            tell_garbage(2);
        if (strcmp(*w, "idle-exit") == 0)
            _exit(7);
        if (strcmp(*w, "idle-hang") == 0)
            hang();
    }
}

/* Come to a daemon as a service of another one, and tell what it says. */
static int come_back(const char *path, const char *label)
{
    struct sef_packet packet;
    if (connect_to(path) < 0)
        return 9;
    tell(RS_RESUME, OK, getpid(), label);
    if (recv(control, &packet, sizeof packet, 0) > 0)
        printf("answer %d, ", packet.result);
    printf("then %s\n", recv(control, &packet, sizeof packet, 0) == 0 ? "the end" : "more");
    return 0;
}

int main(int argc, char **argv)
{
    struct sef_packet packet;
    const char *fd = getenv(SEF_CONTROL_FD_ENV);
    words = argv + 1;
    if (argc == 4 && strcmp(argv[1], "resume") == 0)
        return come_back(argv[2], argv[3]);
    if (!fd)
        return 2;
    control = atoi(fd);
    if (*words && strcmp(*words, "print-surroundings") == 0) {
        char cwd[4096];
        printf("cwd=%s\nFAKE=%s\n", getcwd(cwd, sizeof cwd), getenv("FAKE"));
        fflush(stdout);
    }
    if (*words && strcmp(*words, "ignore-term") == 0)
        signal(SIGTERM, SIG_IGN);
    for (;;) {
        receive(&packet);
        if (packet.type == RS_INIT)
            init(&packet);
        else if (packet.type == RS_LU_PREPARE)
            prepare(&packet);
        else if (packet.type == RS_LU_START)
            start(&packet);
        else if (packet.type == RS_FI)
            abort();
    }
}
