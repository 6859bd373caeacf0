FROM debian:12.5-slim
USER app
