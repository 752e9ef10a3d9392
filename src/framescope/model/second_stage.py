"""Calibration and rule, which change together where margins do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from framescope.model.calibration import Calibration
from framescope.model.decision import NEVER, Rule


@dataclass(frozen=True)
class SecondStage:
    """From margins to probabilities, and from these to label sets."""

    calibration: Calibration
    rule: Rule

    def towards(self, other: SecondStage, share: float) -> SecondStage:
        """Return the stage this share of the way to another, whose rule has the same name.

        Log-odds are between those of the two, for they are sums of the same terms. A label that either never
        gives is never given.
        """

        def between(own: Any, others: Any) -> Any:
            if own is None or others is None:
                return others
            # Not a sum where either is never: 0 times infinity is no number.
            never = np.isinf(own) | np.isinf(others)
            mean = (1 - share) * np.where(never, 0, own) + share * np.where(never, 0, others)
            return np.where(never, NEVER, mean).astype(np.asarray(own).dtype)

        def three(own: Any, others: Any) -> tuple[float, float, float] | None:
            found = None if own is None or others is None else between(np.array(own), np.array(others))
            return others if found is None else (float(found[0]), float(found[1]), float(found[2]))

        return SecondStage(
            replace(
                other.calibration,
                coefficients=between(self.calibration.coefficients, other.calibration.coefficients),
                of_parents=three(self.calibration.of_parents, other.calibration.of_parents),
            ),
            replace(
                other.rule,
                cuts=between(self.rule.cuts, other.rule.cuts),
                empty=three(self.rule.empty, other.rule.empty),
                floors=between(self.rule.floors, other.rule.floors),
            ),
        )
