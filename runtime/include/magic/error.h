/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error codes of the runtime, and the caller-owned struct that says where an error lies.
 */
#ifndef MAGIC_ERROR_H
#define MAGIC_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, code, text). The first nine are historic (magic_def.h). */
#define MAGIC_ERROR_MAP(X) \
    X(ENOENT, -100, "no such entity") \
    X(ENOPTR, -101, "not a pointer") \
    X(EBADENT, -102, "bad entity") \
    X(ENOTYPE, -103, "no such type") \
    X(EBADMSTATE, -104, "bad state") \
    X(EINVAL, -105, "invalid argument") \
    X(EGENERIC, -106, "error") \
    X(EBADWALK, -107, "walk failed") \
    X(ENOMEM, -108, "out of memory") \
    X(EFORMAT, -109, "malformed state table or image") \
    X(EABI, -110, "built for another version of the runtime") \
    X(ENOTABLE, -111, "image has no state table") \
    X(ELOAD, -112, "image cannot be loaded") \
    X(EAMBIGUOUS, -113, "ambiguous name") \
    X(ELOST, -114, "a value would be lost") \
    X(EUNPAIRED, -115, "live state refers to something the new version does not have") \
    X(ENOTSUP, -116, "not supported") \
    X(EFAULT, -117, "bad address") \
    X(EOS, -118, "a system call failed")

enum magic_error_code {
#define MAGIC_ERROR_ENUM(name, code, text) MAGIC_##name = code,
    MAGIC_ERROR_MAP(MAGIC_ERROR_ENUM)
#undef MAGIC_ERROR_ENUM
};

/** What went wrong and where. Caller-owned; nothing is allocated to fill it in. */
struct magic_error {
    int code;       /**< 0, or one of enum magic_error_code */
    char text[508]; /**< one line without newline, names and places in it */
};

/** The text of an error code; "unknown error" for others. Thread- and signal-safe. */
const char *magic_strerror(int code);

/** Fill in `err` (which may be NULL) and return `code`. Cuts overlong text. Thread-safe. */
int magic_error_set(struct magic_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif
#endif
