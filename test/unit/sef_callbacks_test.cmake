# SPDX-License-Identifier: BSD-2-Clause
sef_unit_test(sef_callbacks LIBS sef)
