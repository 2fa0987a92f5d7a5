# SPDX-License-Identifier: BSD-2-Clause
"""Updates that must be refused: one live thing that has no place in the new version."""
from .graph import Graph


def spoil(ch, s1, s2, g1):
    return None


def leftover(s2, g1):
    return Graph()
