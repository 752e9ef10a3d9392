"""Systems that ``python -m bench speed`` times, each alone in a process: a module imports one library."""
