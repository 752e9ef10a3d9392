"""``python -m framescope``, and the command ``framescope``."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an interruption ends it without a traceback, while it is being loaded, too."""
    from framescope.cli.interruption import INTERRUPTED, leave, watch  # noqa: PLC0415 - within what is watched
    from framescope.cli.streams import open_closed_streams  # noqa: PLC0415

    try:
        open_closed_streams()  # first: what is opened before would take their places
        watch()
        from framescope.cli.app import main as run  # noqa: PLC0415 - what takes time to load

        run(arguments)
    except KeyboardInterrupt:
        leave()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            leave()
        raise


if __name__ == "__main__":
    main()
