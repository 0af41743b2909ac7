# One image for every part of a production: pages, live stream, worker, clock. compose.yaml says which runs what.
FROM python:3.13-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HUB_MODE=production DATA_DIR=/data STATIC_ROOT=/hub/staticfiles
WORKDIR /hub

COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY . .
# Collecting needs complete settings, so it gets keys that live no longer than this line.
RUN key() { python -c "import secrets; print(secrets.token_urlsafe(48))"; } \
    && SECRET_KEY="$(key)" LINK_KEY="$(key)" BASE_URL=https://build.invalid EMAIL_URL=console: \
       python manage.py collectstatic --noinput \
    && useradd --system --uid 10001 --home-dir /data hub \
    && install -d -o hub -g hub /data
USER hub
VOLUME /data
EXPOSE 8000 8001

CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "bookinghub.wsgi:application"]
