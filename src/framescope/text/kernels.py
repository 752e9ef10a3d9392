"""Kernels: functions that numba compiles when they are first called, and keeps on disk for the next process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb

from framescope.errors import FramescopeError


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function to run without the interpreter's lock.

    What is compiled is cached beside the module, or in the user's cache folder; where neither can be written,
    every process compiles for itself.

    Raises:
        FramescopeError: numba is told not to compile, in which case the kernels' arithmetic would be another.
    """
    if nb.config.DISABLE_JIT:  # type: ignore[attr-defined]
        raise FramescopeError("NUMBA_DISABLE_JIT is set, but framescope runs compiled only: unset it")

    def compile_lazily(function: Callable[..., Any]) -> Any:
        try:
            return nb.njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # numba found no folder for the cache
            return nb.njit(nogil=True, **options)(function)

    return compile_lazily


def is_cached(compiled: Any) -> bool:
    """Return whether an earlier process has left a kernel for this version of Python on disk."""
    folder, function = compiled.stats.cache_path, compiled.py_func
    code, version = function.__code__, f"py{sys.version_info.major}{sys.version_info.minor}"
    name = f"{Path(code.co_filename).stem}.{code.co_name}-{code.co_firstlineno}.{version}*.nbi"
    return folder is not None and any(Path(folder).glob(name))
