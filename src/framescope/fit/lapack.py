"""Triangles of LAPACK, computed without the interpreter's lock.

SciPy's own wrappers hold the lock, for seconds where there are thousands of units; other threads, and the one
that an interruption wakes, would wait as long.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, byref, c_char, c_int
from functools import cache

import numpy as np
from numba.extending import get_cython_function_address

from framescope._types import Float64

LOWER, NOT_UNIT = c_char(b"L"), c_char(b"N")


def factorize(system: Float64) -> bool:
    """Put the lower Cholesky factor of a symmetric matrix in its place; tell whether it has one.

    ``system`` is (n, n), in Fortran's order, and is overwritten.
    """
    size, failure = c_int(len(system)), c_int(0)
    _routine("dpotrf", 1)(byref(LOWER), byref(size), system, byref(size), byref(failure))
    for column in range(1, len(system)):  # what is above the diagonal is left as it was
        system[:column, column] = 0
    return failure.value == 0


def invert(factor: Float64) -> None:
    """Put the inverse of a lower triangle, (n, n) in Fortran's order, in its place."""
    size, failure = c_int(len(factor)), c_int(0)
    _routine("dtrtri", 2)(byref(LOWER), byref(NOT_UNIT), byref(size), factor, byref(size), byref(failure))


@cache
def _routine(name: str, n_letters: int) -> Callable[..., None]:
    """Return a routine of letters, the size, a matrix, its leading dimension, and a place for failure."""
    letters, integer = [POINTER(c_char)] * n_letters, POINTER(c_int)
    matrix = np.ctypeslib.ndpointer(np.float64, ndim=2, flags=("F_CONTIGUOUS", "WRITEABLE"))  # which it checks
    signature = CFUNCTYPE(None, *letters, integer, matrix, integer, integer)
    return signature(get_cython_function_address("scipy.linalg.cython_lapack", name))
