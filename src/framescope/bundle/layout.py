"""Which arrays a bundle holds: those of its feature blocks, and those of every model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from framescope._types import Array, BoolArray
from framescope.bundle.config import CONFIG, REMEDY, Config, further_stages
from framescope.encoders.articles import Embedder
from framescope.errors import BundleError
from framescope.features.block import ArrayLayout
from framescope.features.blocks import BLOCKS
from framescope.model.calibration import Calibration
from framescope.model.decision import Rule
from framescope.model.fitted import Model
from framescope.model.second_stage import SecondStage
from framescope.model.typicality import N_SHARES, Typicality

SUFFIX = ".npy"
CUTS = "cuts"
FLOORS = "floors"
FAMILIARITY = "familiarity"


def _ascending_below_0(familiarity: Array) -> BoolArray:
    is_in_order = np.isfinite(familiarity) & (familiarity <= 0)
    is_in_order[1:] &= familiarity[1:] >= familiarity[:-1]
    return is_in_order


MODEL_LAYOUT = {
    "intercept": ArrayLayout("<f4", ("labels",), np.isfinite, "finite values"),
    "prior": ArrayLayout("<f8", ("labels",), lambda a: (a > 0) & (a < 1), "values between 0 and 1"),
    CUTS: ArrayLayout("<f4", ("labels",), lambda a: a > -np.inf, "finite values or +inf"),
    FLOORS: ArrayLayout("<f4", ("labels",), lambda a: a >= 0, "values from 0 on"),
    FAMILIARITY: ArrayLayout("<f4", ("left_out",), _ascending_below_0, "finite values up to 0, ascending"),
}


def array_layouts(config: Config) -> dict[str, ArrayLayout]:
    """Return the layout of each array's file, with axes named as in :func:`axis_sizes`."""
    optional = (
        (CUTS, config.has_cuts),
        (FLOORS, config.has_floors),
        (FAMILIARITY, config.typicality is not None),
    )
    absent = {name for name, has in optional if not has}
    layouts = {f"{name}{SUFFIX}": layout for name, layout in MODEL_LAYOUT.items() if name not in absent}
    for prefix, stage in config.stages.items():
        present = ((CUTS, stage.has_cuts), (FLOORS, stage.has_floors))
        layouts |= {f"{prefix}.{name}{SUFFIX}": MODEL_LAYOUT[name] for name, has in present if has}
    for kind in config.blocks:
        for name, layout in BLOCKS[kind].layout.items():
            axes = tuple(axis if axis == "labels" else f"{kind}.{axis}" for axis in layout.axes)
            layouts[f"{kind}.{name}{SUFFIX}"] = layout._replace(axes=axes)
    return layouts


def axis_sizes(config: Config) -> dict[str, int]:
    """Return the length of every axis."""
    own = {f"{kind}.{axis}": size for kind, sizes in config.blocks.items() for axis, size in sizes.items()}
    n_left_out = 0 if config.typicality is None else config.typicality.n_left_out
    return {"labels": len(config.codebook.ids), "left_out": n_left_out, **own}


def arrays_of(model: Model) -> dict[str, Array]:
    """Return a model's arrays by the names of their files."""
    arrays: dict[str, Array] = {"intercept": model.intercept, "prior": model.calibration.prior}
    rules = {"": model.rule} | {f"{name}.": stage.rule for name, stage in further_stages(model).items()}
    for prefix, rule in rules.items():
        if rule.cuts is not None:
            arrays[f"{prefix}{CUTS}"] = rule.cuts
        if rule.floors is not None:
            arrays[f"{prefix}{FLOORS}"] = rule.floors
    if model.typicality is not None:
        arrays[FAMILIARITY] = model.typicality.familiarity
    for block in model.blocks:
        arrays |= {f"{block.kind}.{name}": array for name, array in block.arrays().items()}
    return {f"{name}{SUFFIX}": array for name, array in arrays.items()}


def build_model(config: Config, arrays: Mapping[str, Array], root: Path) -> Model:
    """Check the arrays' values, and put the model together.

    Raises:
        BundleError: a value cannot be one of a model.
    """
    for name, layout in array_layouts(config).items():
        check_shape(arrays[name].shape, name, config, root)
        _check_values(arrays[name], layout, root / name)
    embedder = Embedder(config.encoders)  # of all blocks, so that a text is encoded once
    blocks = (
        BLOCKS[kind].from_arrays(
            {name: arrays[f"{kind}.{name}{SUFFIX}"] for name in BLOCKS[kind].layout}, embedder
        )
        for kind in config.blocks
    )
    return Model(
        codebook=config.codebook,
        blocks=tuple(blocks),
        intercept=arrays[f"intercept{SUFFIX}"],
        calibration=Calibration(
            np.array(config.coefficients), arrays[f"prior{SUFFIX}"], config.link, config.of_parents
        ),
        rule=Rule(config.rule, arrays.get(f"{CUTS}{SUFFIX}"), config.empty, arrays.get(f"{FLOORS}{SUFFIX}")),
        unit=config.unit,
        languages=config.languages,
        typicality=_typicality(config, arrays),
        review=config.review,
        **{name: _stage(config, name, arrays) for name in config.stages},
    )


def _stage(config: Config, name: str, arrays: Mapping[str, Array]) -> SecondStage:
    """Return a further second stage: its prior is that of the model."""
    stage = config.stages[name]
    cuts, floors = (arrays.get(f"{name}.{own}{SUFFIX}") for own in (CUTS, FLOORS))
    return SecondStage(
        Calibration(np.array(stage.coefficients), arrays[f"prior{SUFFIX}"], config.link, stage.of_parents),
        Rule(config.rule, cuts, stage.empty, floors),
    )


def _typicality(config: Config, arrays: Mapping[str, Array]) -> Typicality | None:
    found = config.typicality
    if found is None:
        return None
    return Typicality(
        cut=found.cut,
        means=np.array(found.means).reshape(N_SHARES, -1),
        variances=np.array(found.variances).reshape(N_SHARES, -1),
        lengths=(found.lengths[0], found.lengths[1]),
        familiarity=arrays[f"{FAMILIARITY}{SUFFIX}"],
    )


def check_shape(found: tuple[int, ...], name: str, config: Config, root: Path) -> None:
    """Refuse an array of another shape than the config says.

    Raises:
        BundleError: the shapes differ.
    """
    sizes = axis_sizes(config)
    shape = tuple(sizes[axis] for axis in array_layouts(config)[name].axes)
    if found != shape:
        raise BundleError(
            f"{root / name}: expected the shape {shape}, as {CONFIG} has it, found {found}: {REMEDY}"
        )


def _check_values(array: Array, layout: ArrayLayout, file: Path) -> None:
    if layout.in_order is None:
        return
    in_order = layout.in_order(array)
    if not in_order.all():
        place = tuple(int(index[0]) for index in np.nonzero(~in_order))
        raise BundleError(
            f"{file}: expected {layout.expected}, found {array[place]} at {list(place)}: {REMEDY}"
        )
