"""A local service: pages for people, and answers for programs, from models that stay loaded.

Needs ``framescope[serve]``: Starlette, uvicorn and python-multipart. Starlette and not FastAPI, which would
bring a second way to check and write JSON: articles of a request are checked as rows of a file are, by the same
code and in the same words.

Where things are:

- :mod:`~framescope.serve.app`: ``make_app(settings)``, which puts routes and middleware together;
- :mod:`~framescope.serve.service`: what endpoints share, ``service_of(request)``: settings, models, the working
  folder, jobs, corrections, and the threads in which models run;
- :mod:`~framescope.serve.settings`: where to listen, which models, and all limits;
- :mod:`~framescope.serve.server`: the socket, the processes on it, and their end;
- :mod:`~framescope.serve.metrics`: what is counted; :mod:`~framescope.serve.tally`: by all processes together;
- :mod:`~framescope.serve.watch` counts requests and catches faults; within it, :mod:`~framescope.serve.guard`
  keeps strangers out: Host, Origin, token, sizes; :mod:`~framescope.serve.headers`: what browsers may do with
  answers; :mod:`~framescope.serve.session`: the cookie of a browser, and the CSRF token of its forms;
- :mod:`~framescope.serve.folder`: the working folder, on SQLite; :mod:`~framescope.serve.uploads`: files on
  their way into it; :mod:`~framescope.serve.jobs`: what is to be scored;
  :mod:`~framescope.serve.runner` has the batch engine score it, each job in a process of its own;
  :mod:`~framescope.serve.corrections`: what people say of labels;
- :mod:`~framescope.serve.problems`: errors as problem+json (RFC 9457), in the command line's words;
- :mod:`~framescope.serve.api`: the routes of ``/v1`` for programs; ``/health`` and ``/metrics`` beside them;
  :mod:`~framescope.serve.files_api`: those for files; :mod:`~framescope.serve.tools`: annotation tools;
- :mod:`~framescope.serve.site`: the routes of the pages for people, ``ROUTES``, with their ``templates/`` and
  ``static/``.

A page's form posts the hidden field ``csrf`` (``session.csrf_of(request)``), which a route that changes
something checks with ``session.check_csrf``; programs have no cookie and need none. Whatever runs a model or
reads a file goes through ``service.work.run``, which bounds how much is at work at a time and for how long.
"""
