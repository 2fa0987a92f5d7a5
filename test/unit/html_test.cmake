# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(html LIBS sef_html)
