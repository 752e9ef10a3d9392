"""The kinds of feature blocks that a bundle may have."""

from __future__ import annotations

from framescope.features.block import Block
from framescope.features.description_block import DescriptionBlock
from framescope.features.first_block import FirstBlock
from framescope.features.kernel_block import KernelBlock
from framescope.features.ngram_block import NgramBlock

KINDS: tuple[type[Block], ...] = (NgramBlock, KernelBlock, DescriptionBlock, FirstBlock)
BLOCKS: dict[str, type[Block]] = {block.kind: block for block in KINDS}
READ_WITH_ENCODERS = (KernelBlock.kind, DescriptionBlock.kind)
