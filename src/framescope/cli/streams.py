"""Standard streams that are closed when the process begins."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Let what goes to a closed stream go nowhere, so that no file that is opened later gets it."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))
