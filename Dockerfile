# syntax=docker/dockerfile:1
# One image for every process of the application: the command says which one runs.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/tickstream
ENV PATH=/opt/tickstream/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
# the dependencies first: this layer is built anew only when the lock changes
COPY requirements.lock ./
RUN --mount=type=cache,target=/root/.cache/pip pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY streams streams
COPY connectors connectors
COPY sinks sinks
COPY config config
COPY research research
COPY console console
RUN pip install --no-deps .

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 tickstream \
    && useradd --uid 10001 --gid 10001 --create-home tickstream \
    && install --directory --owner 10001 --group 10001 /lake
COPY --from=build /opt/tickstream /opt/tickstream
ENV PATH=/opt/tickstream/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TICKSTREAM_CACHE=/home/tickstream/.cache/tickstream \
    HEALTH_PORT=6066
USER 10001:10001
WORKDIR /home/tickstream
EXPOSE 6066 6067 6068 6069 6071
# the health page answers other than 200 when the process makes no progress; urlopen then raises
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HEALTH_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["tickstream"]
