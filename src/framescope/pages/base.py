"""Templates, filled in with everything escaped: one HTML file each, without scripts and without the network."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, **context: object) -> str:
    """Return a page made from one of ``templates/``; a name that the context lacks is an error.

    Every value is escaped: texts are data, never markup.
    """
    return _environment().get_template(template).render(context)


def percent(probability: float) -> str:
    """Return a probability as a percentage, never as certainty.

    >>> percent(0.834), percent(0.0421), percent(0.0004), percent(0.9999)
    ('83 %', '4.2 %', '< 0.1 %', '> 99.9 %')
    """
    value = 100 * probability
    if value < 0.1:
        return "< 0.1 %"
    if value > 99.9:
        return "> 99.9 %"
    return f"{value:.0f} %" if 9.95 <= value <= 99 else f"{value:.1f} %"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("framescope.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    return environment
