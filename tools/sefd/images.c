/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Copies of service images.
 */
#include "images.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "access.h"
#include "daemon.h"
#include "log.h"
#include "rights.h"
#include "service.h"

enum {
    IMAGE_SIZE_MAX = 512 << 20,
    COPY_CHUNK = 64 << 10,
    SAME_CHUNK = 16 << 10,
    TREE_FDS = 8,
};

static int make_dir(const char *path)
{
    return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* A directory that others may pass, if they come to it. */
static int make_passage(const char *path)
{
    int r = make_dir(path);
    return r < 0 ? r : chmod(path, 0711) < 0 ? -errno : 0;
}

static bool is_noexec(const char *path)
{
    struct statvfs st;
    return statvfs(path, &st) == 0 && (st.f_flag & ST_NOEXEC);
}

static bool is_private(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 066) == 0;
}

/* Debian mounts /run without permission to map code from it. A link in the runtime directory leads to the
 * directory that an earlier daemon made. */
static int use_private_dir(struct daemon *daemon)
{
    char link[PATH_MAX + 16];
    snprintf(link, sizeof link, "%s/images-elsewhere", daemon->runtime_dir);
    ssize_t n = readlink(link, daemon->images_dir, sizeof daemon->images_dir - 1);
    daemon->images_dir[n < 0 ? 0 : n] = '\0';
    daemon->images_private = is_private(daemon->images_dir);
    if (daemon->images_private || daemon->options.check)
        return 0;
    snprintf(daemon->images_dir, sizeof daemon->images_dir, "/var/tmp/sef-%u.XXXXXX",
        (unsigned) geteuid());
    if (!mkdtemp(daemon->images_dir))
        return -errno;
    daemon->images_private = true;
    if ((unlink(link) < 0 && errno != ENOENT) || symlink(daemon->images_dir, link) < 0)
        log_error("%s: %s", link, strerror(errno));
    log_debug("no code may run from the runtime directory, images go to %s", daemon->images_dir);
    return 0;
}

int images_init(struct daemon *daemon)
{
    const char *given = daemon->options.images_dir;
    char why[TRUST_TEXT_MAX];
    int n = given ? snprintf(daemon->images_dir, sizeof daemon->images_dir, "%s", given)
                  : snprintf(daemon->images_dir, sizeof daemon->images_dir, "%s/images",
                        daemon->runtime_dir);
    int r = n < (int) sizeof daemon->images_dir ? make_dir(daemon->images_dir) : -ENAMETOOLONG;
    if (r == 0 && given && !realpath(given, daemon->images_dir))
        r = -errno;
    if (r == 0 && is_noexec(daemon->images_dir))
        r = given ? -ENOEXEC : use_private_dir(daemon);
    if (r == 0 && trust_directory(daemon->images_dir, why) < 0) {
        log_error("directory of images %s: %s", daemon->images_dir, why);
        return -EPERM;
    }
    if (r < 0)
        log_error("directory of images %s: %s", daemon->images_dir,
            r == -ENOEXEC ? "mounted noexec, no code can be loaded from it" : strerror(-r));
    return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void) st;
    (void) type;
    (void) ftw;
    if (remove(path) < 0)
        log_error("cannot remove %s: %s", path, strerror(errno));
    return 0;
}

static void remove_tree(const char *path)
{
    (void) nftw(path, remove_one, TREE_FDS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void images_deinit(struct daemon *daemon)
{
    if (daemon->images_private && !daemon->leaving)
        remove_tree(daemon->images_dir);
}

/* IMAGES/LABEL, or with a generation IMAGES/LABEL/GENERATION. */
static int path_of(
    const struct daemon *daemon, const char *label, unsigned generation, char ret[static PATH_MAX])
{
    int n = generation ? snprintf(ret, PATH_MAX, "%s/%s/%u", daemon->images_dir, label, generation)
                       : snprintf(ret, PATH_MAX, "%s/%s", daemon->images_dir, label);
    return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

void images_remove(const struct daemon *daemon, const char *label, unsigned generation)
{
    char path[PATH_MAX];
    if (generation && path_of(daemon, label, generation, path) == 0)
        remove_tree(path);
}

void images_remove_all(const struct daemon *daemon, const char *label)
{
    char path[PATH_MAX];
    if (path_of(daemon, label, 0, path) == 0)
        remove_tree(path);
}

/* Look at an open image. Returns it, or closes it. */
static int check_image(int fd)
{
    struct stat st;
    int r = 0;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (S_ISDIR(st.st_mode))
        r = -EISDIR;
    else if (!S_ISREG(st.st_mode))
        r = -EINVAL;
    else if (st.st_size > IMAGE_SIZE_MAX)
        r = -EFBIG;
    if (r < 0) {
        close(fd);
        return r;
    }
    return fd;
}

/* Open an image for reading, without waiting for the writer of a pipe. */
int images_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd < 0 ? -errno : check_image(fd);
}

/* The path must lead to the file that was sent: later starts go by it. */
static int check_same(const struct trust *trust, const char *path, int sent, char *why)
{
    struct stat st, named;
    int fd = trust_find(trust, path, why);
    if (fd < 0)
        return fd;
    bool same = fstat(sent, &st) == 0 && fstat(fd, &named) == 0 && st.st_dev == named.st_dev &&
                st.st_ino == named.st_ino;
    close(fd);
    if (!same)
        snprintf(why, TRUST_TEXT_MAX, "is not the file that was sent");
    return same ? 0 : -EACCES;
}

static int open_new(const struct trust *trust, const char *path, int sent, char *why)
{
    if (sent < 0)
        return trust_open(trust, path, why);
    int flags = fcntl(sent, F_GETFL);
    if (flags < 0 || (flags & O_PATH) || (flags & O_ACCMODE) == O_WRONLY) {
        snprintf(why, TRUST_TEXT_MAX, "was not sent open for reading");
        return -EACCES;
    }
    int r = check_same(trust, path, sent, why);
    if (r < 0)
        return r;
    int fd = fcntl(sent, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        snprintf(why, TRUST_TEXT_MAX, "%s", strerror(errno));
    return fd < 0 ? -errno : fd;
}

int images_open_new(const struct service *service, const char *path, int sent, bool asked,
    char why[static IMAGES_TEXT_MAX])
{
    char text[TRUST_TEXT_MAX];
    struct trust trust = access_trust(service->daemon, &service->config, asked);
    int fd = open_new(&trust, path, sent, text);
    if (fd >= 0 && (fd = check_image(fd)) < 0)
        snprintf(text, sizeof text, "%s", strerror(-fd));
    if (fd < 0)
        snprintf(why, IMAGES_TEXT_MAX, "cannot read %.256s: %.200s", path, text);
    return fd;
}

/* Copy by hand, between file systems that cannot do it themselves. Who sent the file has the position in it too. */
static int copy_bytes(int from, off_t at, int to)
{
    char *buf = malloc(COPY_CHUNK);
    if (!buf)
        return -ENOMEM;
    ssize_t n = 0;
    int r = 0;
    while (r == 0 && (n = pread(from, buf, COPY_CHUNK, at)) > 0) {
        at += n;
        for (ssize_t done = 0, m; r == 0 && done < n; done += m) {
            m = write(to, buf + done, (size_t) (n - done));
            if (m < 0)
                r = -errno;
        }
    }
    if (r == 0 && n < 0)
        r = -errno;
    free(buf);
    return r;
}

int images_copy(int from, int to)
{
    struct stat st;
    if (fstat(from, &st) < 0)
        return -errno;
    for (off_t at = 0; at < st.st_size;) {
        ssize_t n = copy_file_range(from, &at, to, NULL, (size_t) (st.st_size - at), 0);
        if (n < 0 && (errno == EXDEV || errno == ENOSYS || errno == EINVAL || errno == EOPNOTSUPP))
            return copy_bytes(from, at, to);
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
    }
    return 0;
}

/* Read, not mapped: whoever owns a file may cut it meanwhile. */
bool images_same(int a, int b)
{
    char x[SAME_CHUNK], y[SAME_CHUNK];
    off_t at = 0;
    ssize_t n;
    do {
        n = pread(a, x, sizeof x, at);
        if (n < 0 || pread(b, y, sizeof y, at) != n || memcmp(x, y, (size_t) n) != 0)
            return false;
        at += n;
    } while (n > 0);
    return at > 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Open the file that the running generation was loaded from: its program at first, then a copy. */
int images_open_running(const struct service *service)
{
    char dir[PATH_MAX], path[PATH_MAX];
    int n;
    if (service->generation == 1) {
        n = snprintf(path, sizeof path, "/proc/%d/exe", (int) service->pid);
    } else {
        int r = path_of(service->daemon, service->label, service->generation, dir);
        if (r < 0)
            return r;
        n = snprintf(path, sizeof path, "%s/%s", dir, base_name(service->image));
    }
    return n < (int) sizeof path ? images_open(path) : -ENAMETOOLONG;
}

static int write_text(int fd, const char *text)
{
    for (size_t len = strlen(text); len > 0;) {
        ssize_t n = write(fd, text, len);
        if (n < 0)
            return -errno;
        text += n;
        len -= (size_t) n;
    }
    return 0;
}

int images_rules(const struct service *service, unsigned generation, const char *text,
    char ret[static PATH_MAX], char why[static IMAGES_TEXT_MAX])
{
    /* An image may have the first name. */
    static const char *const names[] = { "rules", "rules.txt" };
    char dir[PATH_MAX];
    int fd = -1, r = path_of(service->daemon, service->label, generation, dir);
    for (size_t i = 0; r == 0 && fd < 0 && i < sizeof names / sizeof names[0]; i++) {
        if (snprintf(ret, PATH_MAX, "%s/%s", dir, names[i]) >= PATH_MAX)
            r = -ENAMETOOLONG;
        else
            fd = open(ret, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (r == 0 && fd < 0)
        r = -errno;
    if (r == 0)
        r = write_text(fd, text);
    if (r == 0)
        r = rights_share(service, fd, 0040);
    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    if (r < 0) {
        snprintf(why, IMAGES_TEXT_MAX, "cannot write the rules: %s", strerror(-r));
        images_remove(service->daemon, service->label, generation);
    }
    return r;
}

int images_create(const struct service *service, unsigned generation, const char *image,
    char ret[static PATH_MAX])
{
    char parent[PATH_MAX], dir[PATH_MAX];
    images_remove(service->daemon, service->label, generation);
    int fd = -1, r = path_of(service->daemon, service->label, 0, parent);
    if (r == 0)
        r = make_passage(parent);
    if (r == 0)
        r = path_of(service->daemon, service->label, generation, dir);
    if (r == 0)
        r = make_passage(dir);
    if (r == 0 && snprintf(ret, PATH_MAX, "%s/%s", dir, base_name(image)) >= PATH_MAX)
        r = -ENAMETOOLONG;
    if (r == 0) {
        fd = open(ret, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0700);
        r = fd < 0 ? -errno : rights_share(service, fd, 0050);
    }
    if (r < 0 && fd >= 0)
        close(fd);
    if (r < 0)
        images_remove(service->daemon, service->label, generation);
    return r < 0 ? r : fd;
}
