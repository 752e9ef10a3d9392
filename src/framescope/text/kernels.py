"""Kernels: functions that numba compiles when they are first called, and keeps on disk for the next process.

They run in threads, side by side.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numba as nb
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

from framescope.errors import FramescopeError

PARTS_IN = ("features", "model", "text")

Part = TypeVar("Part")
Found = TypeVar("Found")


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function to run without the interpreter's lock.

    What is compiled is cached beside the module, or in the user's cache folder; where neither can be written,
    every process compiles for itself. What another version of the package has left there is not read.

    Raises:
        FramescopeError: numba is told not to compile, in which case the kernels' arithmetic would be another.
    """
    if nb.config.DISABLE_JIT:  # type: ignore[attr-defined]
        raise FramescopeError("NUMBA_DISABLE_JIT is set, but framescope runs compiled only: unset it")

    # The wrapper for callers in C, of which there are none, takes a tenth of the time to compile.
    options |= {"nogil": True, "no_cfunc_wrapper": True}

    def compile_lazily(function: Callable[..., Any]) -> Any:
        try:
            compiled = nb.njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no folder for the cache
            return nb.njit(**options)(function)
        compiled._cache._cache_file._version = _version()
        return compiled

    return compile_lazily


@cache
def _version() -> str:
    """Return what compiled code depends on beside its own module: numba, and the modules with parts.

    Numba asks for its version alone. It would go on with the parts of another version of the package, and fail
    at the names that this one no longer has.
    """
    package = Path(__file__).parents[1]
    sources = [file.read_bytes() for folder in PARTS_IN for file in sorted((package / folder).glob("*.py"))]
    digest = blake2b(b"".join(source for source in sources if b"@part" in source), digest_size=8)
    return f"{nb.__version__} {digest.hexdigest()}"


def part(function: Callable[..., Any]) -> Any:
    """Let kernels call a function of one of the folders ``PARTS_IN``: it is compiled as a part of them.

    From Python it runs as it is, slowly, and with Python's whole numbers.
    """
    return register_jitable(no_cfunc_wrapper=True)(function)


@intrinsic
def bring_near(typing, array, row, column):  # type: ignore[no-untyped-def]
    """Tell the processor that an element of a two-dimensional array is read soon, without waiting for it.

    Memory is slow, but many places can be waited for at once.
    """

    def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
        header = context.make_array(signature.args[0])(context, builder, values[0])
        place = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, signature.args[0], header, values[1:], wraparound=False
        )
        place, number = builder.bitcast(place, cgutils.voidptr_t), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (place.type,), kind)
        builder.call(prefetch, [place, number(0), number(3), number(1)])  # data, to be read and kept
        return context.get_dummy_value()

    return nb.types.void(array, row, column), generate


def in_threads(task: Callable[[Part], Found], parts: Sequence[Part], jobs: int) -> list[Found]:
    """Return what a task gives for each part, in order; kernels release the interpreter's lock.

    ``jobs`` is a number of threads; -1 stands for every core, -2 for all but one.
    """
    n_threads = min(jobs if jobs > 0 else max(1, _n_cores() + 1 + jobs), len(parts))
    if n_threads < 2:
        return [task(part) for part in parts]
    with ThreadPoolExecutor(n_threads) as threads:
        return list(threads.map(task, parts))


def _n_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def is_cached(compiled: Any) -> bool:
    """Return whether an earlier process has left a kernel for this version of Python on disk."""
    folder, function = compiled.stats.cache_path, compiled.py_func
    code, version = function.__code__, f"py{sys.version_info.major}{sys.version_info.minor}"
    name = f"{Path(code.co_filename).stem}.{code.co_name}-{code.co_firstlineno}.{version}*.nbi"
    return folder is not None and any(Path(folder).glob(name))
