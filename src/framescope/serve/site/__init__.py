"""The pages for people: their routes, with ``templates/``, ``static/`` and ``locale/`` beside this file.

- :mod:`~framescope.serve.site.showing`: how a page is filled in, in the reader's language;
- :mod:`~framescope.serve.site.forms`: what a form sends; :mod:`~framescope.serve.site.errors`: what went wrong;
- :mod:`~framescope.serve.site.entrance`: the first page: a text, an address, or files;
- :mod:`~framescope.serve.site.shelf`: the articles that were pasted or fetched;
- :mod:`~framescope.serve.site.references`: an article by what an address says of it;
- :mod:`~framescope.serve.site.article`: one article, explained, with what a person says of its labels;
- :mod:`~framescope.serve.site.judging`: what is said of labels, from forms into the corrections;
- :mod:`~framescope.serve.site.comparison`: two articles, or two models, side by side;
- :mod:`~framescope.serve.site.files`: files: progress, the table, what to take away;
- :mod:`~framescope.serve.site.rows`, :mod:`~framescope.serve.site.choice`: its rows, and which are shown;
- :mod:`~framescope.serve.site.overview`: who pushes what, and when, over all articles of a job;
- :mod:`~framescope.serve.site.queue`: what to code next.
"""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from framescope.serve.site import article, comparison, entrance, files, judging, overview, queue

STATIC = Path(__file__).parent / "static"

ROUTES: list[BaseRoute] = [
    *entrance.ROUTES,
    *article.ROUTES,
    *judging.ROUTES,
    *comparison.ROUTES,
    *files.ROUTES,
    *overview.ROUTES,
    *queue.ROUTES,
    Mount("/static", StaticFiles(directory=STATIC)),
]
