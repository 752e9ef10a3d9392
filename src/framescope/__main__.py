"""``python -m framescope``."""

from framescope.cli.app import main

main()
