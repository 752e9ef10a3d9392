"""``python -m framescope``, and the command ``framescope``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an interruption ends it without a traceback, while it is being loaded, too."""
    try:
        from framescope.cli.app import main as run  # noqa: PLC0415 - what takes time to load

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
