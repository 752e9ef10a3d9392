"""The kinds of feature blocks that a bundle may have."""

from __future__ import annotations

from framescope.features.block import Block
from framescope.features.ngram_block import NgramBlock

BLOCKS: dict[str, type[Block]] = {NgramBlock.kind: NgramBlock}
