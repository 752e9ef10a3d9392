"""What to code next: how it is chosen, and what is never chosen."""

from __future__ import annotations

import numpy as np
import pytest

from framescope import FramescopeError, Predictor, UnknownLabelError, next_to_code
from framescope.articles import Article
from framescope.coding.choosing import IN_DOUBT, RANDOM
from tiny import SENTENCES

POOL = [Article(f"a{number}", text, "bg") for number, text in enumerate(SENTENCES)]


def uncertainty(predictor: Predictor, text: str) -> float:
    probabilities = predictor.predict_proba([text])[0, predictor.codebook.fine].astype(np.float64)
    return float((probabilities * (1 - probabilities)).sum())


def test_the_first_is_the_least_certain(predictor: Predictor) -> None:
    expected = sorted(POOL, key=lambda one: -uncertainty(predictor, one.text))[0]
    found = next_to_code(predictor, POOL, 1)
    assert [(one.unit.id, one.why) for one in found] == [(expected.id, IN_DOUBT)]
    assert found[0].uncertainty == pytest.approx(uncertainty(predictor, expected.text), abs=1e-6)
    assert found[0].doubts
    assert all(found[0].unit.probabilities[label] == p for label, p in found[0].doubts.items())


def test_what_is_like_a_chosen_one_is_not_chosen(predictor: Predictor) -> None:
    """Beside its near copy the least certain article has nothing to add: others come first."""
    first = next_to_code(predictor, POOL, 1)[0].unit
    copy = Article("copy", f"{first.text} {first.text}", "bg")
    chosen = [one.unit.id for one in next_to_code(predictor, [*POOL, copy], 4)]
    assert len({first.id, "copy"} & set(chosen)) == 1
    far = next_to_code(predictor, POOL, 1, labelled=[Article("coded", f"{first.text} {first.text}")])
    assert far[0].unit.id != first.id


def test_a_tenth_is_random_fixed_by_the_seed_and_marked(predictor: Predictor) -> None:
    pool = [Article(f"p{n}", f"{POOL[n % 12].text} {n}") for n in range(60)]
    found = next_to_code(predictor, pool, 20)
    assert [one.why for one in found] == [IN_DOUBT] * 18 + [RANDOM] * 2
    assert len({one.unit.id for one in found}) == 20
    assert next_to_code(predictor, pool, 20) == found
    others = next_to_code(predictor, pool, 20, seed=1)
    assert {one.unit.id for one in others[18:]} != {one.unit.id for one in found[18:]}


def test_random_ones_come_from_all_of_the_pool(predictor: Predictor) -> None:
    """Not from what is left after the doubtful ones: measuring on them says something of the pool."""
    pool = [Article(f"p{n}", f"{POOL[n % 12].text} {n}") for n in range(20)]
    drawn = {
        one.unit.id
        for seed in range(40)
        for one in next_to_code(predictor, pool, 15, seed=seed)
        if one.why == RANDOM
    }
    assert drawn == {one.id for one in pool}


def test_one_label_may_be_looked_for(predictor: Predictor) -> None:
    column = predictor.codebook.columns["west-divides"]
    p = predictor.predict_proba([one.text for one in POOL])[:, column].astype(np.float64)
    found = next_to_code(predictor, POOL, 1, label="west-divides")
    assert found[0].unit.id == POOL[int((p * (1 - p)).argmax())].id
    assert list(found[0].doubts) == ["west-divides"]
    with pytest.raises(UnknownLabelError, match="label 'west-divide' is not in the codebook 'tiny'"):
        next_to_code(predictor, POOL, 1, label="west-divide")


def test_labelled_repeated_and_empty_articles_are_left_out(predictor: Predictor) -> None:
    pool = [*POOL[:4], Article("again", POOL[0].text), Article("empty", " ")]
    labelled = [Article("a1", "друг текст"), Article("other", POOL[2].text)]
    found = next_to_code(predictor, pool, 50, labelled=labelled)
    assert sorted(one.unit.id for one in found) == ["a0", "a3"]
    with pytest.raises(FramescopeError, match="nothing to code: all of 6 articles are empty or labelled"):
        next_to_code(predictor, pool, 50, labelled=POOL)


def test_texts_are_named_by_their_numbers(predictor: Predictor) -> None:
    assert sorted(one.unit.id for one in next_to_code(predictor, SENTENCES[:2], 5)) == ["0", "1"]


def test_each_language_has_its_share_of_the_pool(predictor: Predictor) -> None:
    """Though what the model reads in one of them leaves it sure; codes of one language are one."""
    sure = sorted(POOL, key=lambda one: uncertainty(predictor, one.text))
    of_sure = [Article(f"s{n}", f"{sure[0].text} {n}", "EN-gb" if n % 2 else "en") for n in range(15)]
    others = [Article(f"o{n}", f"{sure[6 + n % 6].text} {n}", "bg") for n in range(30)]
    found = next_to_code(predictor, [*of_sure, *others], 9, seed=1)
    by_doubt = [one.unit.lang[:2].lower() for one in found if one.why == IN_DOUBT]
    (random_one,) = (one for one in found if one.why == RANDOM)
    n_left = 15 - (random_one.unit.lang != "bg")
    assert by_doubt.count("en") == round(8 * n_left / 44)
    assert by_doubt[0] == "bg"


def test_one_label_is_looked_for_in_any_language(predictor: Predictor) -> None:
    column = predictor.codebook.columns["west-divides"]
    p = predictor.predict_proba([one.text for one in POOL])[:, column].astype(np.float64)
    order = np.argsort(p * (1 - p))
    pool = [Article(f"a{n}", POOL[row].text, "en" if n < 6 else "bg") for n, row in enumerate(order)]
    found = next_to_code(predictor, pool, 2, label="west-divides")
    assert {one.unit.lang for one in found} == {"bg"}


def test_rare_labels_count_for_more(predictor: Predictor) -> None:
    """The doubt of each label is divided by the root of its prior."""
    fine = predictor.codebook.fine
    p = predictor.predict_proba([one.text for one in POOL])[:, fine].astype(np.float64)
    expected = (p * (1 - p) / np.sqrt(predictor.bundle.model.calibration.prior[fine])).sum(axis=1)
    (found,) = next_to_code(predictor, POOL, 1, rare=True)
    assert found.unit.id == POOL[int(expected.argmax())].id
    assert found.uncertainty == pytest.approx(expected.max(), abs=1e-6)
