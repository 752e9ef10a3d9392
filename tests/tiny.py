"""Facts of a training that never took place, for bundles that tests save."""

from __future__ import annotations

from typing import Any

from framescope.bundle.facts import CorpusFacts, Facts, Rounding

METRICS: dict[str, Any] = {
    "n_units": 12,
    "overall": {
        "fine": {"samples_f1": 0.5, "micro_f1": 0.5, "macro_f1": 0.4},
        "coarse": {"samples_f1": 0.6, "micro_f1": 0.6, "macro_f1": 0.5},
        "false_alarm_rate": 0.1,
    },
    "by_language": {},
    "false_alarms_by_kind": {},
    "per_label": [],
    "calibration": {
        "brier": 0.1,
        "brier_skill": 0.2,
        "log_loss": 0.3,
        "ece": 0.02,
        "ece_noise": 0.01,
        "slope": 0.98,
        "slope_ci95": [0.9, 1.06],
        "augrc": 0.1,
    },
    "baselines": {"no_label": None, "most_frequent": None, "random_prior": None},
    "scope": None,
}

FACTS = Facts(
    corpus=CorpusFacts("tiny", "0" * 64, 12, 12, 0, 0, {"bg": 3, "en": 3, "hi": 3, "ru": 3}),
    learner="ridge",
    penalty=1.0,
    rule="samples-f1",
    never_given=(),
    group_by="article_id",
    min_df=1,
    max_features=None,
    seed=0,
    versions={"framescope": "0"},
    rounding=Rounding(12, 0),
    metrics=METRICS,
    outlooks={},
    new_articles=None,
)
