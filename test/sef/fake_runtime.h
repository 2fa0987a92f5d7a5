/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A stand-in for libmagicrt: it loads nothing, and enters a "new version" by running the same main
 * again from the base of the stack. What the new version does follows from the name of its image.
 */
#ifndef FAKE_RUNTIME_H
#define FAKE_RUNTIME_H

/** Run `service_main(image)` now, with "" as image, and again each time an image is entered. */
_Noreturn void fake_run(int (*service_main)(const char *image));
/** Number of commits this process and its forebears went through. */
int fake_commits(void);
/** What expressions evaluate to: 0 or 1, or a MAGIC_* code. */
void fake_set_value(int value);
/** What magic_image_can_restart() returns: 0 or a MAGIC_* code. */
void fake_set_restart(int code);
/** Send one line to the log hook. */
void fake_log(const char *line);

#endif
