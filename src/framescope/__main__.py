"""``python -m framescope``."""

from framescope.cli import main

main()
