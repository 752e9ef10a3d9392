"""Which controls of a project a model can fill in, and with what."""

from __future__ import annotations

import pytest

from framescope.codebook import Codebook
from framescope.coding.tasks import labelstudio_config
from framescope.errors import InputError
from framescope.serve.tools.controls import controls_of

CODEBOOK = Codebook.from_parents({"urw": None, "fear": "urw", "loyalty": "urw", "Other": None}, name="book")


def config(*controls: str, text: str = '<Text name="t" value="$body"/>') -> str:
    return f"<View><Header value='$title'/>{''.join(controls)}{text}</View>"


CHOICES = '<Choices name="c" toName="t"{}><Choice value="Fear"/><Choice value="unknown"/></Choices>'


def test_our_own_configuration_is_understood() -> None:
    labels, spans = controls_of(labelstudio_config(CODEBOOK), CODEBOOK)
    assert (labels.name, labels.kind, labels.to_name, labels.field) == ("labels", "taxonomy", "text", "text")
    assert labels.names == {
        "urw": ("urw",),
        "fear": ("urw", "fear"),
        "loyalty": ("urw", "loyalty"),
        "Other": ("Other",),
    }
    assert spans.is_on_spans
    assert spans.names["fear"] == ("urw: fear",)


def test_labels_are_found_whatever_their_letters_and_others_are_left_alone() -> None:
    (control,) = controls_of(config(CHOICES.format("")), CODEBOOK)
    assert (control.field, control.is_single, control.names) == ("body", True, {"fear": ("Fear",)})
    (several,) = controls_of(config(CHOICES.format(' choice="multiple"')), CODEBOOK)
    assert not several.is_single


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<View", "is no XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><View/>', "has declarations"),
        ("<View/>", "has no Choices, Taxonomy or Labels on a Text with a label of 'book'"),
        (config('<Choices name="c" toName="t"><Choice value="else"/></Choices>'), "has no Choices"),
        (config(CHOICES.format(""), text='<Image name="t" value="$image"/>'), "has no Choices"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        controls_of(text, CODEBOOK)
