"""The triangles are those of SciPy's wrappers, bit for bit, and other threads go on meanwhile."""

from __future__ import annotations

from ctypes import ArgumentError
from threading import Event, Thread

import numpy as np
import pytest
import scipy.linalg

from framescope.fit.lapack import factorize, invert


def gram(size: int) -> np.ndarray:
    rows = np.random.default_rng(size).normal(size=(size, size + 3))
    return rows @ rows.T


@pytest.mark.parametrize("size", [1, 2, 70])
def test_the_triangles_of_scipy(size: int) -> None:
    factor, failure = scipy.linalg.lapack.dpotrf(gram(size), lower=1, clean=1)
    assert failure == 0
    ours = np.asfortranarray(gram(size))
    assert factorize(ours)
    assert ours.tobytes() == factor.tobytes()
    invert(ours)
    assert ours.tobytes() == scipy.linalg.lapack.dtrtri(factor, lower=1)[0].tobytes()


def test_a_matrix_that_has_no_factor() -> None:
    assert not factorize(np.asfortranarray([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("matrix", [np.eye(3, dtype=np.float32, order="F"), np.ones((2, 3)), np.ones(4)])
def test_memory_is_what_lapack_expects(matrix: np.ndarray) -> None:
    with pytest.raises(ArgumentError):
        factorize(matrix)


def test_other_threads_go_on() -> None:
    ended, n_steps = Event(), []

    def count() -> None:
        while not ended.wait(0.002):
            n_steps.append(1)

    system = np.asfortranarray(gram(1500))
    thread = Thread(target=count)
    thread.start()
    assert factorize(system)
    invert(system)
    ended.set()
    thread.join()
    assert len(n_steps) > 2
