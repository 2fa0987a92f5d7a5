/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading files: their first byte, or all of them into memory of its own, not into the service's heap, where
 * what an update needs for a moment must leave no trace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os.h"

#define OK 0

/* Read to the end of the file, or until `size` bytes are there. */
static int read_all(int fd, char *to, size_t size, size_t *ret)
{
    size_t len = 0;
    ssize_t n = 1;

    while (len < size && n != 0) {
        n = read(fd, to + len, size - len);
        if (n < 0 && errno != EINTR)
            return errno;
        len += n > 0 ? (size_t) n : 0;
    }
    *ret = len;
    return OK;
}

struct sef__file_id sef__os_file_id(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return (struct sef__file_id) { 0 };
    return (struct sef__file_id) { st.st_dev, st.st_ino };
}

int sef__os_file_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

bool sef__os_file_begins(int fd, char byte)
{
    char first;

    return pread(fd, &first, 1, 0) == 1 && first == byte;
}

int sef__os_file_read(const char *path, size_t max, struct sef__file *ret)
{
    const int fd = sef__os_file_open(path);
    struct sef__file file = { .size = max + 1 };
    int r;

    if (fd < 0)
        return errno;
    file.text = mmap(NULL, file.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    r = file.text == MAP_FAILED ? errno : read_all(fd, file.text, file.size, &file.len);
    close(fd);
    if (r == OK && file.len > max)
        r = EFBIG;
    if (r == OK)
        *ret = file;
    else if (file.text != MAP_FAILED)
        sef__os_file_drop(&file);
    return r;
}

void sef__os_file_drop(struct sef__file *file)
{
    if (file->text)
        munmap(file->text, file->size);
    *file = (struct sef__file) { 0 };
}
