"""Where a fit begins: with the dual weights of an earlier one, which do not depend on the features.

They are those of the labels that units had then. Units that have others now are far from their solution, the
rest is near it: so a fit goes through the former first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from framescope._types import BoolArray, Float16, Indices


@dataclass(frozen=True, eq=False)
class Start:
    """Dual weights of an earlier fit; units and labels that it did not have are 0.

    Args:
        penalty: of the fit.
        truth: the labels that units had, (n_units, n_labels).
        folds: the fold that gave each unit its margins, -1 for units that are new: (n_units,).
        whole: of the fit to all units, (n_units, n_labels) float16.
        without: of the fit without each fold, (n_folds, n_units, n_labels) float16.
    """

    penalty: float
    truth: BoolArray
    folds: Indices
    whole: Float16
    without: Float16

    def subset(self, rows: Indices) -> Start:
        """Return what is known of some units."""
        truth, without = self.truth[rows], self.without[:, rows]
        return replace(self, truth=truth, folds=self.folds[rows], whole=self.whole[rows], without=without)

    def placed(self, rows: Indices, n_units: int) -> Start:
        """Return the same of more units: what is known is of these rows, the others are new."""
        folds, truth = np.full(n_units, -1, np.intp), np.zeros((n_units, self.truth.shape[1]), bool)
        whole = np.zeros((n_units, self.whole.shape[1]), np.float16)
        without = np.zeros((len(self.without), *whole.shape), np.float16)
        folds[rows], truth[rows] = self.folds, self.truth
        whole[rows], without[:, rows] = self.whole, self.without
        return Start(self.penalty, truth, folds, whole, without)

    def with_labels(self, columns: Indices) -> Start:
        """Return the labels of some columns, ascending or not; -1 stands for a label that is new."""
        is_new = columns < 0
        truth, whole, without = self.truth[:, columns], self.whole[:, columns], self.without[:, :, columns]
        truth[:, is_new], whole[:, is_new], without[:, :, is_new] = False, 0, 0
        return replace(self, truth=truth, whole=whole, without=without)
