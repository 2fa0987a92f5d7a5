/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coverage profiles of service images.
 *
 * The functions that write a profile are part of the image and hidden in it. The start file has a
 * table of those which are there (runtime/start/start.S).
 *
 * What is written is added to the file that is there: clang's functions append to it, or merge with it
 * if its name asks for that, and those of gcc's kind merge. So counters begin anew once they are
 * written, or they would count twice.
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/image_internal.h"

struct profile {
    int (*write)(void);
    void (*reset)(void);
    const char *(*name)(void); /* with the pattern filled in */
    void (*set_name)(const char *);
    const char *pattern; /* as given to the compiler; may be empty */
    void (*gcov_dump)(void);
    void (*gcov_reset)(void);
};

static const struct profile *find_profile(void)
{
    const struct magic__image *image = magic__image_current();

    return dlsym(image->handle ? image->handle : RTLD_DEFAULT, "__sef_profile");
}

/* Whether the profile's name differs from that of the next image: by process (%p) or image (%m). */
static bool has_own_name(const struct profile *profile)
{
    const char *at = getenv("LLVM_PROFILE_FILE");

    if (!at || !*at)
        at = profile->pattern;
    while (at && (at = strchr(at, '%'))) {
        at += 1 + strspn(at + 1, "0123456789");
        if (*at == 'p' || *at == 'm')
            return true;
    }
    return false;
}

static int write_profile(const struct profile *profile)
{
    if (profile && profile->write) {
        int result = profile->write();

        if (result != 0)
            return MAGIC_EOS;
        if (profile->reset)
            profile->reset();
        return 0;
    }
    if (!profile || !profile->gcov_dump)
        return MAGIC_ENOENT;
    profile->gcov_dump();
    if (profile->gcov_reset)
        profile->gcov_reset();
    return 0;
}

/* The name with the process' number before its suffix, or NULL if it is too long. */
static const char *own_name(const char *name, char *buf, size_t size)
{
    const char *slash = strrchr(name, '/'), *suffix = strrchr(slash ? slash : name, '.');
    int stem = suffix ? (int) (suffix - name) : (int) strlen(name);
    int n = snprintf(buf, size, "%.*s.%d%s", stem, name, (int) getpid(), name + stem);

    return n > 0 && (size_t) n < size ? buf : NULL;
}

int magic_image_profile(void)
{
    return write_profile(find_profile());
}

void magic_image_profile_last(void)
{
    const struct profile *profile = find_profile();
    char buf[PATH_MAX];
    const char *name;

    if (profile && profile->name && profile->set_name && !has_own_name(profile)) {
        name = own_name(profile->name(), buf, sizeof(buf));
        if (name)
            profile->set_name(name);
    }
    /* The image's functions complain by themselves. */
    (void) write_profile(profile);
}
