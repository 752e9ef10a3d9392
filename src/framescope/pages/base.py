"""Templates, filled in with everything escaped: one HTML file each, without scripts and without the network."""

from __future__ import annotations

from functools import cache

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined

from framescope.measure.shown import number
from framescope.messages import Say
from framescope.pages.catalogues import Interface, say_in
from framescope.visible import visible


def render(template: str, *, interface: str = Interface.EN, **context: object) -> str:
    """Return a page made from one of ``templates/``; a name that the context lacks is an error.

    ``interface`` is the language of the page's own words.

    Every value is escaped: texts are data, never markup, and their control characters are spelled out.
    """
    return visible(environment(str(interface)).get_template(template).render(context))


def percent(probability: float) -> str:
    r"""Return a probability as a percentage, never as certainty; its spaces do not break.

    >>> [percent(p).replace("\xa0", " ") for p in (0.834, 0.0421, 0.0004, 0.9999)]
    ['83 %', '4.2 %', '< 0.1 %', '> 99.9 %']
    """
    value = 100 * probability
    if value < 0.1:
        return "<\xa00.1\xa0%"
    if value > 99.9:
        return ">\xa099.9\xa0%"
    return f"{value:.0f}\xa0%" if 9.95 <= value <= 99 else f"{value:.1f}\xa0%"


def thousands(n: int) -> str:
    r"""Return a count; its thousands stand apart in a way that readers of all languages know.

    >>> thousands(2999)
    '2\u202f999'
    """
    return f"{n:,}".replace(",", "\u202f")


def _number(value: float | None, n_decimals: int = 2) -> str:
    return number(value, n_decimals, missing="–")


@cache
def environment(interface: str) -> Environment:
    """Return what fills in templates, with their messages in a language."""
    return new_environment(PackageLoader("framescope.pages"), interface, say_in(interface))


def new_environment(loader: BaseLoader, interface: str, say: Say) -> Environment:
    """Return what fills in templates of a loader, with their messages as ``say`` translates them."""
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # Nothing has a plural: messages are such that they need none.
    environment.install_gettext_callables(say, lambda one, _many, _n: say(one), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["interface"] = interface
    environment.filters["percent"] = percent
    environment.filters["number"] = _number
    environment.filters["thousands"] = thousands
    return environment
