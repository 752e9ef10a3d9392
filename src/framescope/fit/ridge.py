"""Ridge regression in its dual form, with exact leave-one-group-out margins.

With the Gram matrix K = X X' + 1 (the 1 is the intercept's share), the dual weights are alpha = G Y, where
G = (K + penalty * I)^-1. Had the rows B been left out of the fit, their margins would be
Y_B - (G_BB)^-1 alpha_B: one factorization serves every left-out group. Where a unit's error counts w times, its
place on the diagonal gets penalty / w, and all of this holds as before.

Source: Cawley and Talbot (2003), Efficient leave-one-out cross-validation of kernel Fisher discriminant
classifiers; the blocks follow from the inverse of a partitioned matrix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from framescope._types import Float64, Indices
from framescope.errors import TrainingError
from framescope.fit.lapack import factorize, invert


@dataclass(frozen=True)
class DualRidge:
    """A fitted ridge regression.

    ``root`` is a lower triangle (n, n) with G = root' root; ``alpha`` are the dual weights, (n, n_labels).
    """

    targets: Float64
    root: Float64
    alpha: Float64

    @classmethod
    def fit(
        cls, gram: Float64, targets: Float64, *, penalty: float, sample_weight: Float64 | None = None
    ) -> DualRidge:
        """Solve for all labels at once: gram (n, n) without the intercept's share, targets (n, n_labels).

        ``sample_weight``, (n,) and above 0, tells how much each unit's squared error counts; None: all alike.
        """
        system = gram + 1.0
        system[np.diag_indices_from(system)] += penalty if sample_weight is None else penalty / sample_weight
        root = system.T  # in Fortran's order
        if not factorize(root):
            raise TrainingError(f"the Gram matrix plus {penalty} is not positive definite: scale the features")
        invert(root)
        return cls(targets, root, root.T @ (root @ targets))

    @property
    def intercept(self) -> Float64:
        """The intercept of each label: (n_labels,)."""
        return np.asarray(self.alpha.sum(axis=0))

    def left_out_margins(self, blocks: Iterable[tuple[Indices, Indices]]) -> Float64:
        """Return the margins that each unit would get, were its block not in the fit: (n, n_labels).

        Args:
            blocks: pairs (rows to read, rows to leave out), both ascending, the first among the second. Every
                row of the fit that is to have a margin is read from one block; rows of no block stay 0.
        """
        margins = np.zeros_like(self.targets)
        for read, left_out in blocks:
            columns = self.root[left_out[0] :, left_out]
            residuals = np.linalg.solve(columns.T @ columns, self.alpha[left_out])
            margins[read] = self.targets[read] - residuals[np.searchsorted(left_out, read)]
        return margins
