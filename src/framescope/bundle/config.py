"""config.json of a bundle: what it holds, and the check of every field's type."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from framescope.bundle.facts import Facts, parse_facts
from framescope.codebook import Codebook
from framescope.codebook_reading import parse_codebook
from framescope.encoders.encoder import EncoderFacts
from framescope.errors import BundleError, CodebookError
from framescope.features.blocks import BLOCKS, READ_WITH_ENCODERS
from framescope.features.description_block import DescriptionBlock
from framescope.features.first_block import FirstBlock
from framescope.features.lookup import MAX_FEATURES
from framescope.features.ngram_block import NgramBlock
from framescope.model.calibration import N_TERMS, Link
from framescope.model.decision import Rule
from framescope.model.fitted import Model
from framescope.model.review import Promise, Review
from framescope.model.second_stage import SecondStage
from framescope.model.typicality import N_MEAN_TERMS, N_SHARES, N_VARIANCE_TERMS, Typicality
from framescope.text.segments import Unit

CONFIG = "config.json"
FORMAT = "framescope-bundle"
FORMAT_VERSION = 4  # a change of the n-gram kernel changes what the hashes mean: then raise it, too
ABROAD, FIRST = "abroad", "first"
"""Further second stages: for other languages, and for n-grams by themselves."""
LINKS = ("identity", "logistic")
MAX_SIZE = 1e9
"""Of a coefficient: products with margins stay finite, and fitted ones are far smaller."""
REMEDY = "copy the bundle again from its source, or train it again"

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class StageConfig:
    """What the arrays do not say of a further second stage."""

    coefficients: list[float]
    has_cuts: bool
    has_floors: bool
    empty: tuple[float, float, float] | None
    of_parents: tuple[float, float, float] | None


@dataclass(frozen=True)
class Config:
    """What the arrays do not say of a model; ``blocks`` has the sizes of each kind of feature block.

    ``encoders`` are those that blocks read texts with.
    """

    codebook: Codebook
    blocks: Mapping[str, Mapping[str, int]]
    encoders: tuple[EncoderFacts, ...]
    unit: Unit
    languages: tuple[str, ...]
    coefficients: list[float]
    of_parents: tuple[float, float, float] | None
    link: Link
    rule: str
    has_cuts: bool
    has_floors: bool
    empty: tuple[float, float, float] | None
    typicality: TypicalityConfig | None
    review: Review | None
    training: Facts
    abroad: StageConfig | None = None
    first: StageConfig | None = None

    @property
    def stages(self) -> dict[str, StageConfig]:
        """The further second stages, by the names of the model's fields."""
        named = {ABROAD: self.abroad, FIRST: self.first}
        return {name: stage for name, stage in named.items() if stage is not None}


@dataclass(frozen=True)
class TypicalityConfig:
    """What :class:`~framescope.model.typicality.Typicality` has beside the familiarity of left-out articles."""

    n_left_out: int
    cut: float
    means: list[float]
    variances: list[float]
    lengths: list[float]


def config_of(model: Model, training: Facts) -> dict[str, Any]:
    """Return a model's config.json."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "codebook": model.codebook.to_json(),
        "blocks": [{"kind": block.kind, **block.sizes} for block in model.blocks],
        "encoders": [asdict(facts) for facts in (model.embedder.encoders if model.embedder else ())],
        "unit": model.unit.value,
        "languages": list(model.languages),
        "calibration": {
            "coefficients": [float(value) for value in model.calibration.coefficients],
            "link": model.calibration.link,
            "of_parents": _listed(model.calibration.of_parents),
        },
        "rule": {"name": model.rule.name, **_rule_to_json(model.rule)},
        **{name: _stage_to_json(stage) for name, stage in further_stages(model).items()},
        "typicality": None if model.typicality is None else _typicality_of(model.typicality),
        "review": None
        if model.review is None
        else [{"goal": one.goal, "cut": one.cut} for one in model.review.promises],
        "training": training.to_json(),
    }


def _typicality_of(typicality: Typicality) -> dict[str, Any]:
    return {
        "n_left_out": len(typicality.familiarity),
        "cut": float(typicality.cut),
        "means": [float(value) for value in typicality.means.ravel()],
        "variances": [float(value) for value in typicality.variances.ravel()],
        "lengths": [float(value) for value in typicality.lengths],
    }


def parse_config(data: bytes, file: Path) -> Config:
    """Build the config from the bytes of ``file``.

    Raises:
        BundleError: a format or version that is not ours, or a field of another type.
    """
    content = parse_json(data, file)
    if content.get("format") != FORMAT:
        found = reprlib.repr(content.get("format"))
        raise BundleError(f"{file}: format: expected {FORMAT!r}, found {found}: this is no framescope bundle")
    version = field(content, "format_version", int, file)
    if version != FORMAT_VERSION:
        remedy = "upgrade framescope" if version > FORMAT_VERSION else "train it again"
        raise BundleError(f"{file}: format_version: expected {FORMAT_VERSION}, found {version}: {remedy}")
    try:
        codebook = parse_codebook(content.get("codebook"), file)
    except CodebookError as error:
        raise BundleError(f"{error}: {REMEDY}") from error
    calibration = field(content, "calibration", dict, file)
    rule = field(content, "rule", dict, file)
    blocks = _blocks(content, file)
    n_terms = N_TERMS + (DescriptionBlock.kind in blocks)
    return Config(
        codebook=codebook,
        blocks=blocks,
        encoders=_encoders(content, blocks, file),
        unit=_unit(content, file),
        languages=_languages(content, file),
        coefficients=_numbers(calibration, "coefficients", n_terms, file),
        of_parents=_three(calibration, "of_parents", file),
        link=_link(calibration, file),
        rule=field(rule, "name", str, file),
        has_cuts=field(rule, "has_cuts", bool, file),
        has_floors=field(rule, "has_floors", bool, file),
        empty=_three(rule, "empty", file),
        typicality=_typicality(content, file),
        review=_review(content, file),
        training=parse_facts(content.get("training"), file, remedy=REMEDY),
        abroad=_stage(content, ABROAD, n_terms, file),
        first=_stage(content, FIRST, N_TERMS, file),
    )


def further_stages(model: Model) -> dict[str, SecondStage]:
    """Return a model's further second stages, by the names of its fields."""
    named = {ABROAD: model.abroad, FIRST: model.first}
    return {name: stage for name, stage in named.items() if stage is not None}


def _rule_to_json(rule: Rule) -> dict[str, Any]:
    return {
        "has_cuts": rule.cuts is not None,
        "has_floors": rule.floors is not None,
        "empty": _listed(rule.empty),
    }


def _listed(numbers: tuple[float, float, float] | None) -> list[float] | None:
    return None if numbers is None else [float(value) for value in numbers]


def _stage_to_json(stage: SecondStage) -> dict[str, Any]:
    coefficients = [float(value) for value in stage.calibration.coefficients]
    of_parents = _listed(stage.calibration.of_parents)
    return {"coefficients": coefficients, "of_parents": of_parents, **_rule_to_json(stage.rule)}


def _stage(content: Mapping[str, Any], name: str, n_terms: int, file: Path) -> StageConfig | None:
    if content.get(name) is None:
        return None
    stage = field(content, name, dict, file)
    return StageConfig(
        coefficients=_numbers(stage, "coefficients", n_terms, file),
        has_cuts=field(stage, "has_cuts", bool, file),
        has_floors=field(stage, "has_floors", bool, file),
        empty=_three(stage, "empty", file),
        of_parents=_three(stage, "of_parents", file),
    )


def parse_json(data: bytes, file: Path) -> dict[str, Any]:
    """Return the object that the bytes of ``file`` hold.

    Raises:
        BundleError: they are not JSON, or hold no object.
    """
    try:
        content = json.loads(data.decode(), parse_constant=_refuse_constant)
        json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair can be written in JSON
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file}: expected JSON in UTF-8, found {error}: {REMEDY}") from error
    if not isinstance(content, dict):
        raise BundleError(f"{file}: expected an object, found {reprlib.repr(content)}: {REMEDY}")
    return content


def _refuse_constant(name: str) -> None:
    raise ValueError(f"the number {name}")


def field(content: Mapping[str, Any], name: str, kind: type[Kind], file: Path) -> Kind:
    """Return a field of exactly this type.

    Raises:
        BundleError: it is missing or of another type.
    """
    value = content.get(name)
    if type(value) is not kind:  # bool is a subclass of int
        raise BundleError(f"{file}: {name}: expected {kind.__name__}, found {reprlib.repr(value)}: {REMEDY}")
    return value


def _numbers(content: Mapping[str, Any], name: str, n_values: int, file: Path) -> list[float]:
    values = field(content, name, list, file)
    if len(values) != n_values or not all(type(value) is float and abs(value) <= MAX_SIZE for value in values):
        raise BundleError(
            f"{file}: {name}: expected {n_values} finite floats from {-MAX_SIZE:g} to {MAX_SIZE:g}, "
            f"found {reprlib.repr(values)}: {REMEDY}"
        )
    return values


def _review(content: Mapping[str, Any], file: Path) -> Review | None:
    """Return what parts given labels from those to review, None where all are given."""
    if content.get("review") is None:
        return None
    promises = []
    for one in field(content, "review", list, file):
        goal, cut = (one.get("goal"), one.get("cut")) if isinstance(one, dict) else (None, None)
        is_cut = cut is None or (type(cut) is float and 0 < cut <= 1)
        if not isinstance(goal, str) or not is_cut:
            raise BundleError(
                f"{file}: review: expected goals, each with a cut between 0 and 1 or none, "
                f"found {reprlib.repr(one)}: {REMEDY}"
            )
        promises.append(Promise(goal, cut))
    return Review(tuple(promises))


def _three(content: Mapping[str, Any], name: str, file: Path) -> tuple[float, float, float] | None:
    """Return three numbers, or None where there are none."""
    if content.get(name) is None:
        return None
    first, second, third = _numbers(content, name, 3, file)
    return first, second, third


def _blocks(content: Mapping[str, Any], file: Path) -> dict[str, dict[str, int]]:
    """Return the sizes of each kind of block, in order."""
    blocks: dict[str, dict[str, int]] = {}
    for block in field(content, "blocks", list, file):
        kind = block.get("kind") if isinstance(block, dict) else block
        if not isinstance(kind, str) or kind not in BLOCKS or kind in blocks:
            known = ", ".join(BLOCKS)
            raise BundleError(
                f"{file}: blocks: expected each of {known} once, found {reprlib.repr(kind)}: upgrade framescope"
            )
        own = {axis for layout in BLOCKS[kind].layout.values() for axis in layout.axes} - {"labels"}
        blocks[kind] = {axis: _size(block, axis, file) for axis in sorted(own)}
    if not blocks:
        raise BundleError(f"{file}: blocks: expected one or more, found none: {REMEDY}")
    return blocks


def _encoders(
    content: Mapping[str, Any], blocks: Mapping[str, Mapping[str, int]], file: Path
) -> tuple[EncoderFacts, ...]:
    """Return the encoders, whose dimensions must be those of the blocks that read with them."""
    try:
        encoders = msgspec.convert(content.get("encoders", []), tuple[EncoderFacts, ...], strict=True)
    except msgspec.ValidationError as error:
        raise BundleError(f"{file}: encoders: {error}: {REMEDY}") from error
    ngrams, first = blocks.get(NgramBlock.kind, {}), blocks.get(FirstBlock.kind)
    if first is not None and first["features"] != ngrams.get("features"):
        found_sizes = f"{first['features']} features of {FirstBlock.kind} and {ngrams.get('features')} n-grams"
        raise BundleError(f"{file}: blocks: expected as many of both, found {found_sizes}: {REMEDY}")
    found = {"dims": sum(facts.dim for facts in encoders), "encoders": len(encoders)}
    for kind in READ_WITH_ENCODERS:
        expected = {axis: size for axis, size in blocks.get(kind, found).items() if axis in found}
        if expected != found:
            raise BundleError(
                f"{file}: encoders: expected {expected}, as {kind} has it, found {found}: {REMEDY}"
            )
    return encoders


def _size(block: Mapping[str, Any], axis: str, file: Path) -> int:
    size = field(block, axis, int, file)
    if not 1 <= size <= MAX_FEATURES:
        raise BundleError(f"{file}: {axis}: expected 1 to {MAX_FEATURES}, found {size}: {REMEDY}")
    return size


def _typicality(content: Mapping[str, Any], file: Path) -> TypicalityConfig | None:
    if "typicality" in content and content["typicality"] is None:
        return None
    found = field(content, "typicality", dict, file)
    cut = field(found, "cut", float, file)
    variances = _numbers(found, "variances", N_SHARES * N_VARIANCE_TERMS, file)
    if not 0 <= cut <= 1:
        raise BundleError(f"{file}: cut: expected 0 to 1, found {cut}: {REMEDY}")
    alone, of_a_word = variances[::N_VARIANCE_TERMS], variances[1::N_VARIANCE_TERMS]
    if min(variances) < 0 or not all(map(any, zip(alone, of_a_word, strict=True))):
        raise BundleError(
            f"{file}: variances: expected values from 0 on, one above 0 for each share, "
            f"found {reprlib.repr(variances)}: {REMEDY}"
        )
    return TypicalityConfig(
        n_left_out=_size(found, "n_left_out", file),
        cut=cut,
        means=_numbers(found, "means", N_SHARES * N_MEAN_TERMS, file),
        variances=variances,
        lengths=_numbers(found, "lengths", 2, file),
    )


def _unit(content: Mapping[str, Any], file: Path) -> Unit:
    unit = content.get("unit")
    if unit not in list(Unit):
        expected = ", ".join(Unit)
        raise BundleError(f"{file}: unit: expected one of {expected}, found {reprlib.repr(unit)}: {REMEDY}")
    return Unit(unit)


def _languages(content: Mapping[str, Any], file: Path) -> tuple[str, ...]:
    values = field(content, "languages", list, file)
    if not all(isinstance(value, str) for value in values):
        raise BundleError(f"{file}: languages: expected strings, found {reprlib.repr(values)}: {REMEDY}")
    return tuple(values)


def _link(calibration: Mapping[str, Any], file: Path) -> Link:
    link = calibration.get("link")
    if link not in LINKS:
        raise BundleError(f"{file}: link: expected one of {LINKS}, found {reprlib.repr(link)}: {REMEDY}")
    return cast("Link", link)
