"""Train a model: ``framescope train`` for a checkout, with the same arguments (``--help`` lists them)."""

import sys

try:
    from framescope.__main__ import main
except ImportError as error:
    sys.exit(f"error: {error}; install framescope first: pip install -e .")
except KeyboardInterrupt:
    sys.exit(130)

main(["train", *sys.argv[1:]])
