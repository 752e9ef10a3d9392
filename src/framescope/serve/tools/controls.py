"""The controls of a Label Studio project that a model can fill in, found in its labelling configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from framescope.codebook import Codebook
from framescope.coding.tasks import path_name
from framescope.errors import InputError

CONFIG = "the labelling configuration"
KINDS = {"Choices": "choices", "Taxonomy": "taxonomy", "Labels": "labels"}
"""Tags that hold labels, with the types of their results; those of ``Labels`` are on spans."""

MAX_CONFIG = 1_000_000

Path = tuple[str, ...]
"""A label as a project calls it: of a taxonomy, from the first level down."""


@dataclass(frozen=True, slots=True)
class Control:
    """A control on a text, which is a field of the tasks; ``names`` are its labels by those of the model."""

    name: str
    kind: str
    to_name: str
    field: str
    is_single: bool
    names: Mapping[str, Path]

    @property
    def is_on_spans(self) -> bool:
        """Whether its labels are on passages, and not on texts."""
        return self.kind == "labels"


def controls_of(config: str, codebook: Codebook) -> list[Control]:
    """Return the controls that have labels of a codebook, by id or name.

    Raises:
        InputError: it is no configuration, or none of its controls has such a label on a text.
    """
    root = _parsed(config)
    fields = {
        str(tag.get("name")): str(tag.get("value", ""))[1:]
        for tag in root.iter("Text")
        if str(tag.get("value", "")).startswith("$")
    }
    known = _known(codebook)
    found = []
    for tag in (each for each in root.iter() if each.tag in KINDS):
        names = {known[key]: path for path in _paths(tag, ()) if (key := _key(path)) in known}
        to_name = str(tag.get("toName", ""))
        if names and tag.get("name") and to_name in fields:
            is_single = tag.tag == "Choices" and tag.get("choice", "single") != "multiple"
            name = str(tag.get("name"))
            found.append(Control(name, KINDS[tag.tag], to_name, fields[to_name], is_single, names))
    if not found:
        message = f"has no Choices, Taxonomy or Labels on a Text with a label of {codebook.name!r}"
        raise InputError.at(CONFIG, f"{message}: framescope export --config writes one")
    return found


def _parsed(config: str) -> ElementTree.Element:
    if len(config) > MAX_CONFIG or "<!" in config.replace("<!--", ""):
        raise InputError.at(CONFIG, "has declarations, or is too long: expected tags only")
    try:
        return ElementTree.fromstring(config)  # noqa: S314 - without declarations there are no entities
    except ElementTree.ParseError as error:
        raise InputError.at(CONFIG, f"is no XML: {error}") from error


def _known(codebook: Codebook) -> dict[str, str]:
    """Return the ids of labels by all that a project may call them."""
    found: dict[str, str] = {}
    for label in codebook.labels:
        for name in (label.id, path_name(label.id, codebook), *label.names.values()):
            found.setdefault(_key((name,)), label.id)
    return found


def _key(path: Path) -> str:
    return ": ".join(path).strip().casefold()


def _paths(tag: ElementTree.Element, above: Path) -> Iterator[Path]:
    """Yield the labels of a control, those of a taxonomy as paths."""
    for child in tag:
        value = child.get("value")
        if child.tag in {"Choice", "Label"} and value:
            yield (*above, value)
            yield from _paths(child, (*above, value))
        elif child.tag not in {"Choice", "Label"}:
            yield from _paths(child, above)
