/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting the first instance of a service.
 *
 * posix_spawn() shares the daemon's memory with the child until it executes the program, so it is
 * as fast as vfork() and returns the error of the execution itself.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sef/wire.h>

enum { SERVICE_CONTROL_FD = 3 };

/* The environment without what belongs to the daemon, plus the control descriptor and where the next
 * daemon will be. The caller frees the vector; both must live as long. */
static char **make_environment(const char *const *envp, char *control, char *resume)
{
    static const char *const ours[] = {
        SEF_CONTROL_FD_ENV,
        SEF_RESUME_SOCKET_ENV,
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "LISTEN_PID",
        "LISTEN_FDS",
        "LISTEN_FDNAMES",
    };
    size_t n = 0, kept = 0;
    while (envp[n])
        n++;
    char **env = calloc(n + 3, sizeof *env);
    if (!env)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(envp[i], "="), j = 0, n_ours = sizeof ours / sizeof ours[0];
        while (j < n_ours && (strlen(ours[j]) != len || memcmp(ours[j], envp[i], len) != 0))
            j++;
        if (j == n_ours)
            memcpy(&env[kept++], &envp[i], sizeof *env);
    }
    env[kept++] = control;
    env[kept] = resume;
    return env;
}

static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int e = posix_spawnattr_setflags(
        attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (e == 0)
        e = posix_spawnattr_setsigdefault(attr, &all);
    return e ? e : posix_spawnattr_setsigmask(attr, &none);
}

static int set_files(posix_spawn_file_actions_t *files, int control, int cwd)
{
    int e = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (e == 0)
        e = posix_spawn_file_actions_addfchdir_np(files, cwd);
    return e ? e : posix_spawn_file_actions_adddup2(files, control, SERVICE_CONTROL_FD);
}

static int run(const struct launch_request *request, char **env, int control, int cwd, pid_t *ret)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    char **argv;
    int e = posix_spawnattr_init(&attr);
    if (e)
        return -e;
    e = posix_spawn_file_actions_init(&files);
    if (e == 0) {
        e = set_attributes(&attr);
        if (e == 0)
            e = set_files(&files, control, cwd);
        /* posix_spawn() takes char *const[] for historic reasons and writes to none of it. */
        memcpy(&argv, &request->argv, sizeof argv);
        if (e == 0)
            e = posix_spawn(ret, request->image, &files, &attr, argv, env);
        posix_spawn_file_actions_destroy(&files);
    }
    posix_spawnattr_destroy(&attr);
    return -e;
}

int launch_service(
    const struct launch_request *request, int control, pid_t *ret, char why[static LAUNCH_TEXT_MAX])
{
    char control_env[64], resume_env[PATH_MAX + 32];
    struct stat st = { 0 };
    (void) fstat(control, &st); /* inode 0: not known */
    snprintf(control_env, sizeof control_env, "%s=%d:%ju", SEF_CONTROL_FD_ENV, SERVICE_CONTROL_FD,
        (uintmax_t) st.st_ino);
    snprintf(resume_env, sizeof resume_env, "%s=%s", SEF_RESUME_SOCKET_ENV, request->resume);
    int cwd = open(request->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (cwd < 0) {
        int r = -errno;
        snprintf(why, LAUNCH_TEXT_MAX, "cannot enter %.256s: %s", request->cwd, strerror(-r));
        return r;
    }
    char **env = make_environment(request->envp, control_env, resume_env);
    int r = env ? run(request, env, control, cwd, ret) : -ENOMEM;
    if (r < 0)
        snprintf(why, LAUNCH_TEXT_MAX, "cannot execute %.256s: %s", request->image, strerror(-r));
    free(env);
    close(cwd);
    return r;
}
