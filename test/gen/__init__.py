# SPDX-License-Identifier: BSD-2-Clause
"""Pairs of C programs, the live update between them, and what must come of it."""
