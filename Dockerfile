# One image for web, worker and beat. Its steps are those of `make setup`, so that they can be tried without Docker.

FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund

FROM python:3.11-slim AS packages
WORKDIR /app
COPY requirements/base.lock requirements/base.lock
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app kept
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=assets /app/node_modules node_modules
COPY . .
# Settings are checked at every start, so the two build steps say made-up ones of their own.
RUN python -m config.assets languages \
 && DEBUG=false VAR_DIR=/tmp/build SECRET_KEY=build-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
    ALLOWED_HOSTS=localhost BASE_URL=http://localhost EMAIL_URL=dummymail:// \
    python manage.py collectstatic --no-input --verbosity=0 \
 && rm -rf /tmp/build node_modules \
 && mkdir /data && chown kept /data
USER kept
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--threads=8", "--no-control-socket", "--graceful-timeout=10"]
