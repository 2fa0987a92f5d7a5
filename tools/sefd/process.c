/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small things about processes.
 */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

enum { STAT_MAX = 1024 };

const char *process_end(const siginfo_t *info, char buf[static PROCESS_END_MAX])
{
    if (!info || info->si_pid == 0)
        snprintf(buf, PROCESS_END_MAX, "ended");
    else if (info->si_code == CLD_EXITED)
        snprintf(buf, PROCESS_END_MAX, "exited with status %d", info->si_status);
    else
        snprintf(buf, PROCESS_END_MAX, "was killed by signal %d (%s)%s", info->si_status,
            strsignal(info->si_status), info->si_code == CLD_DUMPED ? ", core dumped" : "");
    return buf;
}

int process_open(pid_t pid, int *ret)
{
    int fd = (int) syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
        /* Old kernels, valgrind and some containers' filters; SIGCHLD then has to do. */
        if (kill(pid, 0) < 0)
            return -errno;
    } else if (fd < 0) {
        return -errno;
    }
    *ret = fd;
    return 0;
}

/* Read what the kernel tells of a process. Returns what follows its name, which may have any character in it, or
 * NULL. */
static const char *read_stat(pid_t pid, char line[static STAT_MAX])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    const char *rest = fgets(line, STAT_MAX, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return rest;
}

pid_t process_parent(pid_t pid)
{
    char line[STAT_MAX];
    int parent = 0;
    const char *rest = read_stat(pid, line);
    if (rest)
        (void) sscanf(rest, ") %*c %d", &parent);
    return parent;
}

int process_user(pid_t pid, uid_t *uid, gid_t *gid)
{
    char path[64], line[STAT_MAX];
    int found = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int) pid);
    FILE *file = fopen(path, "re");
    while (file && found < 2 && fgets(line, sizeof line, file))
        found += sscanf(line, "Uid: %*u %u", uid) == 1 || sscanf(line, "Gid: %*u %u", gid) == 1;
    if (file)
        fclose(file);
    return found == 2 ? 0 : -ESRCH;
}

uint64_t process_start(pid_t pid)
{
    char line[STAT_MAX];
    unsigned long long start = 0;
    const char *rest = read_stat(pid, line);
    if (rest)
        (void) sscanf(rest,
            ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
            &start);
    return start;
}

int process_signal(pid_t pid, int pidfd, int signal)
{
    int r = pidfd >= 0 ? (int) syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0)
                       : kill(pid, signal);
    return r < 0 && errno != ESRCH ? -errno : 0;
}

/* Whether a process began with this line in its environment. */
static bool has_mark(int pid, const char *mark)
{
    char path[64], *line = NULL;
    size_t size = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    FILE *environment = fopen(path, "re");
    while (environment && !found && getdelim(&line, &size, '\0', environment) > 0)
        found = strcmp(line, mark) == 0;
    free(line);
    if (environment)
        fclose(environment);
    return found;
}

void process_kill_strangers(pid_t sid, const char *mark)
{
    DIR *dir = opendir("/proc");
    if (!dir) {
        log_debug("cannot look for what a service left: %s", strerror(errno));
        return;
    }
    for (const struct dirent *entry; (entry = readdir(dir));) {
        int pid = atoi(entry->d_name); /* 0: no process */
        if (pid > 0 && sid > 0 && getsid(pid) == sid && (!mark || has_mark(pid, mark)))
            kill(pid, SIGKILL);
    }
    closedir(dir);
}

void process_kill_session(pid_t sid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int) getpid());
    FILE *children = fopen(path, "re");
    if (!children) {
        log_debug("cannot look for what a service left: %s", strerror(errno));
        return;
    }
    int pid;
    while (fscanf(children, "%d", &pid) == 1) {
        if (getsid(pid) == sid)
            kill(pid, SIGKILL);
    }
    fclose(children);
}
