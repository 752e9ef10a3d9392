"""Sentences that a tiny model knows, and facts of a training that never took place, for saved bundles."""

from __future__ import annotations

from typing import Any

import numpy as np

from framescope.bundle.facts import CorpusFacts, Facts, Rounding
from framescope.model.typicality import Typicality

SENTENCES = (
    "Съюзът на изток се разширява без съгласието на народа.",
    "Нов блок подкопава ОДКБ, твърдят наблюдатели.",
    "Блокът обеща сигурност — но на каква цена?",
    "Запад стремится расколоть ОДКБ, заявил министр.",
    "Новый блок подрывает ОДКБ и безопасность региона.",
    "Министр: союз не расширяется, это слухи!",
    "The West wants to break the CSTO, the minister said.",
    "A new bloc undermines the CSTO and regional security.",
    "The union is not expanding; these are rumours.",
    "नया गुट क्षेत्रीय सुरक्षा को कमज़ोर करता है।",
    "मंत्री ने कहा कि संघ का विस्तार नहीं हो रहा है।",
    "पश्चिम संघ को तोड़ना चाहता है, मंत्री ने कहा।",
)

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

TYPICALITY = Typicality(
    cut=0.25,
    means=np.array([[0.8, 0, 0], [0.9, 0, 0], [0.5, 0, 0]]),
    variances=np.array([[0.01, 0.0], [0.01, 0.0], [0.0, 1.0]]),
    lengths=(0.0, 10.0),
    familiarity=np.array([-4, -3, -2, -1, -1, 0, 0, 0], np.float32),
)
"""A text half of whose words, n-grams and pairs are unknown is unlike training."""
