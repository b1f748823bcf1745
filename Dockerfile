# One image for every part; the command says which (docs/scaling.md).
FROM python:3.13-slim AS build
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r /tmp/requirements.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/relaytree --shell /usr/sbin/nologin relaytree \
    && install -d -o relaytree -g relaytree -m 0700 /var/lib/relaytree/instance /var/lib/relaytree/journal
COPY --from=build /opt/venv /opt/venv
COPY portal /opt/relaytree/portal
COPY templates /opt/relaytree/templates
COPY static /opt/relaytree/static
COPY migrations /opt/relaytree/migrations
COPY wsgi.py gunicorn.conf.py /opt/relaytree/
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PORTAL_INSTANCE_DIR=/var/lib/relaytree/instance \
    PORTAL_JOURNAL_DIR=/var/lib/relaytree/journal
WORKDIR /opt/relaytree
USER relaytree
EXPOSE 8000
STOPSIGNAL SIGTERM
# In production only the portal's own name is answered.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import os, urllib.request as u, urllib.parse as p; \
host = p.urlsplit(os.environ.get('PORTAL_PUBLIC_URL', 'http://127.0.0.1:8000')).netloc; \
u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000", "wsgi:app"]
