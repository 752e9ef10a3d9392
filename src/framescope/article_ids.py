"""What an article is called that has no id: its place, the same in every command, and no other's.

It is the path from the folder that has all files of a command, without suffix. Of JSON lines, which may be read
from anywhere, ``@`` and the byte where the line begins follow; of tables, ``:`` and the row; of texts, nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePosixPath

from framescope.visible import name_of

AT_BYTE, AT_ROW = "@", ":"
"""What stands between the path and the number."""


def stem_of(name: str) -> str:
    """Return the name of a file without its suffix, and without ``.gz`` after that.

    >>> stem_of("a/news.jsonl.gz"), stem_of("v1.2/b")
    ('a/news', 'v1.2/b')
    """
    path = PurePosixPath(name_of(name))
    return str(path.with_name(path.name.removesuffix(".gz")).with_suffix(""))


def from_common_folder(folders: Sequence[str]) -> list[str]:
    """Return each folder's path from the one that has all of them, with ``/`` at its end; nothing for that one.

    >>> from_common_folder(["/x/news/a", "/x/news/b/c"]), from_common_folder(["/x/news"])
    (['a/', 'b/c/'], [''])
    """
    parts = [[part for part in folder.split("/") if part] for folder in folders]
    n_common = len(list(takewhile(lambda same: len(set(same)) == 1, zip(*parts, strict=False))))
    return ["".join(f"{part}/" for part in each[n_common:]) for each in parts]
