# The first stage has a compiler, for mysqlclient and our own C; the second stage is the image.
# PYTHON_IMAGE may name a digest (python:3.11-slim-bookworm@sha256:...), so that a build cannot get another image.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE} AS build

# Debian's packages are not pinned, so that the image gets the latest fixes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential libmariadb-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

# pip stays behind in this stage.
RUN python -m venv --without-pip /opt/venv
ENV PATH=/opt/venv/bin:$PATH

WORKDIR /app
COPY requirements.txt requirements-mysql.txt deploy/setup/trim.sh ./
RUN pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
        -r requirements.txt -r requirements-mysql.txt \
    && sh trim.sh /opt/venv/lib/python*/site-packages

COPY ai_models ai_models
RUN python -m ai_models.vision.native.build --strict \
    && python -c "from pathlib import Path; from ai_models.vision.export import export_all; \
    from ai_models.vision.native.backend import open_native; \
    export_all(Path('/var/lib/posesmart/models')); open_native(Path('/var/lib/posesmart/models'))"

# Node.js, which brings npm, stays behind in this stage.
COPY requirements-browser-mode.txt ./
COPY web/__init__.py web/
COPY web/browser_mode web/browser_mode
RUN python -m venv /opt/node \
    && /opt/node/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements-browser-mode.txt \
    && PATH=$PATH:/opt/node/bin python -m web.browser_mode


FROM ${PYTHON_IMAGE}

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 posesmart \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin posesmart \
    && install -d -o posesmart -g posesmart -m 700 /var/lib/posesmart/spool \
    && install -d -o posesmart -g posesmart -m 755 /var/lib/posesmart/static

COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=10001:10001 /var/lib/posesmart/models /var/lib/posesmart/models
WORKDIR /app
COPY . .
COPY --from=build /app/ai_models/vision/native/built ai_models/vision/native/built
COPY --from=build /app/web/static/web/landmarks web/static/web/landmarks
# In a checkout made with a strict umask, only the owner can read files.
RUN DEBUG=true /opt/venv/bin/python manage.py compile_texts \
    && DEBUG=true /opt/venv/bin/python manage.py build_page \
    && chmod -R a+rX .

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DEBUG=false \
    BIND=0.0.0.0:8000 \
    SPOOL_DIR=/var/lib/posesmart/spool \
    MODEL_CACHE_DIR=/var/lib/posesmart/models

USER 10001:10001
EXPOSE 8000

# /healthz queries no database: an unavailable database is no reason to restart.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["python", "deploy/ask.py", "/healthz"]

CMD ["gunicorn", "posesmart.wsgi"]

# Last, since it changes with each commit and would invalidate the cache of later layers.
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pose Smart" \
      org.opencontainers.image.description="Watches posture, eyes and identity at a desk through webcam frames" \
      org.opencontainers.image.revision=$REVISION
