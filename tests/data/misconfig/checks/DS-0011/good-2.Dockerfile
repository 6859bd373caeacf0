FROM debian:12.5-slim
COPY --chown=app:app a /app
