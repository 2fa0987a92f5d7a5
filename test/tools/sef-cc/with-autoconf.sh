# SPDX-License-Identifier: BSD-2-Clause
# A configure script finds compiler, headers, functions and sizes, and its program is an image.
mkdir project
cd project
cat >configure.ac <<'C'
AC_INIT([probe], [1])
AC_CONFIG_SRCDIR([probe.c])
AC_CONFIG_HEADERS([config.h])
AC_PROG_CC
AC_PROG_CPP
AC_CHECK_HEADERS([sys/epoll.h no/such/header.h])
AC_CHECK_FUNCS([accept4 no_such_function])
AC_CHECK_LIB([m], [cos])
AC_CHECK_LIB([m], [no_such_function_in_m])
AC_CHECK_DECLS([getenv, no_such_declaration])
AC_CHECK_SIZEOF([long])
AC_CHECK_ALIGNOF([double])
AC_C_BIGENDIAN
AC_RUN_IFELSE([AC_LANG_PROGRAM([], [return 3;])], [AC_MSG_ERROR([3 is success])], [])
AC_RUN_IFELSE([AC_LANG_PROGRAM([], [])], [], [AC_MSG_ERROR([0 is failure])])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
C
cat >Makefile.in <<'C'
CC = @CC@
CFLAGS = @CFLAGS@ -fPIE
LDFLAGS = @LDFLAGS@ -pie -Wl,-z,relro,-z,now
probe: probe.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ probe.o @LIBS@
C
cat >probe.c <<'C'
#include "config.h"
#if !HAVE_SYS_EPOLL_H || HAVE_NO_SUCH_HEADER_H || !HAVE_ACCEPT4 || HAVE_NO_SUCH_FUNCTION
#error "wrong header or function"
#endif
#if !HAVE_LIBM || !HAVE_DECL_GETENV || HAVE_DECL_NO_SUCH_DECLARATION
#error "wrong library or declaration"
#endif
#if SIZEOF_LONG != 8 || ALIGNOF_DOUBLE != 8 || defined WORDS_BIGENDIAN
#error "wrong size"
#endif
int main(void) { return 0; }
C
quiet autoheader
quiet autoconf
expect 0 ./configure
grep -q 'cross compiling... no' out || fail 'taken for a cross compiler'
grep -q 'no_such_function_in_m in -lm... no' out || fail 'found a function'
expect 0 make
is_service_image probe
quiet ./probe
