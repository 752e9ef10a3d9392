"""The kinds of feature blocks that a bundle may have."""

from __future__ import annotations

from framescope.features.block import Block
from framescope.features.description_block import DescriptionBlock
from framescope.features.kernel_block import KernelBlock
from framescope.features.ngram_block import NgramBlock

BLOCKS: dict[str, type[Block]] = {block.kind: block for block in (NgramBlock, KernelBlock, DescriptionBlock)}
READ_WITH_ENCODERS = (KernelBlock.kind, DescriptionBlock.kind)
