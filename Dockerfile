# The service in a container: see docs/serve.md. Models are mounted at /models, the working folder at /var/lib/framescope.
FROM python:3.12-slim-bookworm AS build
COPY . /source
RUN python -m venv /opt/framescope \
    && PIP_CONSTRAINT=/source/constraints.txt /opt/framescope/bin/pip install --no-cache-dir "/source[encoder,serve,files,xlsx]"

FROM python:3.12-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin framescope \
    && mkdir /models /var/lib/framescope \
    && chown framescope /var/lib/framescope
COPY --from=build /opt/framescope /opt/framescope
ENV PATH=/opt/framescope/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/var/lib/framescope/kernels
USER 10001
WORKDIR /
VOLUME ["/var/lib/framescope"]
EXPOSE 8642
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8642/health', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["framescope", "serve", "--host", "0.0.0.0", "--folder", "/var/lib/framescope", "--no-browser"]
