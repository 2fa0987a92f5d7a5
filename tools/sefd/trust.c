/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which files sefd relies on; see trust.h.
 */
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
    LINKS_MAX = 40,
    GROUPS_MAX = 1024, /* of an owner, that are looked at */
};

/* ---- One file ---------------------------------------------------------------------------- */

static bool is_trusted_user(const struct trust *trust, uid_t uid)
{
    return uid == 0 || uid == geteuid() || uid == trust->owner;
}

/* Access control lists show in the mode of the group, and are not read here. */
static bool has_list(int fd)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

/* True if the group of a file is that of its owner alone, as many systems make one for each user. Root's is not: in
 * containers it is everybody's. */
static bool is_private_group(const struct stat *st, int fd)
{
    const struct passwd *user = st->st_uid ? getpwuid(st->st_uid) : NULL;
    if (!user || user->pw_gid != st->st_gid || has_list(fd))
        return false;
    char name[LOGIN_NAME_MAX];
    snprintf(name, sizeof name, "%s", user->pw_name);
    const struct group *group = getgrgid(st->st_gid);
    if (!group || strcmp(group->gr_name, name) != 0)
        return false;
    for (char **member = group->gr_mem; *member; member++) {
        if (strcmp(*member, name) != 0)
            return false;
    }
    return true;
}

bool trust_file(const struct trust *trust, const struct stat *st, int fd)
{
    if (trust->all)
        return true;
    return is_trusted_user(trust, st->st_uid) && !(st->st_mode & S_IWOTH) &&
           (!(st->st_mode & S_IWGRP) || is_private_group(st, fd));
}

/* Entries of a sticky directory are changed by their owners alone, and those are looked at. */
static bool is_trusted_directory(const struct trust *trust, const struct stat *st, int fd)
{
    return (is_trusted_user(trust, st->st_uid) && (st->st_mode & S_ISVTX)) ||
           trust_file(trust, st, fd);
}

/* ---- What an owner may read -------------------------------------------------------------- */

static bool is_in_group(uid_t uid, gid_t gid)
{
    gid_t groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    const struct passwd *user = getpwuid(uid);
    if (!user || getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (groups[i] == gid)
            return true;
    }
    return false;
}

/* Whether the owner has a right, S_IROTH or S_IXOTH, by the mode of a file. */
static bool has_right(const struct trust *trust, const struct stat *st, mode_t right)
{
    /* If a master is the owner, a member of the group asked. */
    bool user = trust->owner != 0 && trust->owner != geteuid();
    if (!trust->reads)
        return true;
    if (user && st->st_uid == trust->owner)
        return st->st_mode & (right << 6);
    if ((st->st_mode & right) == ((st->st_mode >> 3) & right))
        return st->st_mode & right;
    bool member = st->st_gid == trust->group || (user && is_in_group(trust->owner, st->st_gid));
    return st->st_mode & (member ? right << 3 : right);
}

/* ---- Paths ------------------------------------------------------------------------------- */

struct walk {
    const struct trust *trust;
    char rest[PATH_MAX], name[NAME_MAX + 1];
    int at; /**< the directory that was come to */
    unsigned links;
    char *why;
};

static int fail(char *why, int error)
{
    snprintf(why, TRUST_TEXT_MAX, "%s", strerror(-error));
    return error;
}

static int refuse(const struct walk *walk, int error, const char *what, const char *text)
{
    snprintf(walk->why, TRUST_TEXT_MAX, "%s %.200s %s", what, walk->name, text);
    return error;
}

/* Take the first name off the rest. False at the end. */
static int next_name(struct walk *walk)
{
    const char *from = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(from, "/");
    if (len > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(walk->name, from, len);
    walk->name[len] = '\0';
    memmove(walk->rest, from + len, strlen(from + len) + 1);
    return len > 0;
}

static int open_root(struct walk *walk)
{
    if (walk->at >= 0)
        close(walk->at);
    walk->at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return walk->at < 0 ? fail(walk->why, -errno) : 0;
}

/* Go on with where a link leads. */
static int follow(struct walk *walk, int fd)
{
    char target[PATH_MAX], rest[2 * PATH_MAX];
    ssize_t n = readlinkat(fd, "", target, sizeof target - 1);
    if (n < 0)
        return -errno;
    if (++walk->links > LINKS_MAX)
        return -ELOOP;
    target[n] = '\0';
    if (snprintf(rest, sizeof rest, "%s%s", target, walk->rest) >= PATH_MAX)
        return -ENAMETOOLONG;
    strcpy(walk->rest, rest);
    return target[0] == '/' ? open_root(walk) : 0;
}

/* Look at the directory that the walk is in. */
static int check_here(const struct walk *walk)
{
    struct stat st;
    if (fstat(walk->at, &st) < 0)
        return fail(walk->why, -errno);
    if (!S_ISDIR(st.st_mode))
        return fail(walk->why, -ENOTDIR);
    if (!has_right(walk->trust, &st, S_IXOTH))
        return refuse(walk, -EACCES, "the directory of", "is closed to the owner of the service");
    if (!is_trusted_directory(walk->trust, &st, walk->at))
        return refuse(
            walk, -EPERM, "the directory of", "belongs to another user, or others may write to it");
    return 0;
}

/* Open the next name. Returns 1 when it was the last, and `*ret` is what it names. */
static int step(struct walk *walk, int *ret)
{
    struct stat st;
    int r = check_here(walk);
    if (r < 0)
        return r;
    int fd = openat(walk->at, walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        r = -errno;
    } else if (S_ISLNK(st.st_mode)) {
        if (!walk->trust->all && !is_trusted_user(walk->trust, st.st_uid))
            r = refuse(walk, -EPERM, "the link", "belongs to another user");
        else if ((r = follow(walk, fd)) < 0)
            fail(walk->why, r);
        close(fd);
        return r;
    }
    if (r < 0) {
        if (fd >= 0)
            close(fd);
        return fail(walk->why, r);
    }
    if (walk->rest[strspn(walk->rest, "/")] == '\0') {
        *ret = fd;
        return 1;
    }
    close(walk->at);
    walk->at = fd;
    return 0;
}

/* Find what a path leads to. Returns a descriptor of the place, which is not open for reading. */
static int find(const struct trust *trust, const char *path, char *why)
{
    struct walk walk = { .trust = trust, .at = -1, .why = why };
    int r, found = -1;
    if (path[0] != '/' || snprintf(walk.rest, sizeof walk.rest, "%s", path) >= PATH_MAX)
        return fail(why, path[0] == '/' ? -ENAMETOOLONG : -EINVAL);
    r = open_root(&walk);
    while (r == 0) {
        r = next_name(&walk);
        if (r <= 0)
            r = fail(why, r < 0 ? r : -EISDIR);
        else
            r = step(&walk, &found);
    }
    if (walk.at >= 0)
        close(walk.at);
    return r < 0 ? r : found;
}

/* ---- What is found ----------------------------------------------------------------------- */

int trust_check(const struct trust *trust, int fd, char why[static TRUST_TEXT_MAX])
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return fail(why, -errno);
    if (S_ISDIR(st.st_mode))
        return fail(why, -EISDIR);
    if (!S_ISREG(st.st_mode)) {
        snprintf(why, TRUST_TEXT_MAX, "not a regular file");
        return -EINVAL;
    }
    if (!has_right(trust, &st, S_IROTH)) {
        snprintf(why, TRUST_TEXT_MAX, "is closed to the owner of the service");
        return -EACCES;
    }
    if (trust_file(trust, &st, fd))
        return 0;
    snprintf(why, TRUST_TEXT_MAX, "belongs to another user, or others may write to it");
    return -EPERM;
}

int trust_find(const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX])
{
    int fd = find(trust, path, why);
    int r = fd < 0 ? fd : trust_check(trust, fd, why);
    if (fd >= 0 && r < 0)
        close(fd);
    return r < 0 ? r : fd;
}

int trust_open(const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX])
{
    char same[32];
    int fd = trust_find(trust, path, why);
    if (fd < 0)
        return fd;
    snprintf(same, sizeof same, "/proc/self/fd/%d", fd);
    int ret = open(same, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (ret < 0)
        ret = fail(why, -errno);
    close(fd);
    return ret;
}

int trust_program(const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX])
{
    int fd = trust_find(trust, path, why);
    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

int trust_directory(const char *path, char why[static TRUST_TEXT_MAX])
{
    const struct trust trust = { .owner = geteuid(), .group = (gid_t) -1 };
    char absolute[PATH_MAX];
    struct stat st;
    if (path[0] != '/') {
        if (!realpath(path, absolute))
            return fail(why, -errno);
        path = absolute;
    }
    int r = 0, fd = find(&trust, path, why);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        r = fail(why, -errno);
    else if (!S_ISDIR(st.st_mode))
        r = fail(why, -ENOTDIR);
    else if (!trust_file(&trust, &st, fd)) {
        snprintf(why, TRUST_TEXT_MAX, "belongs to another user, or others may write to it");
        r = -EPERM;
    }
    close(fd);
    return r;
}
