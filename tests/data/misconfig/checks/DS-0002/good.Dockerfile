FROM debian:12.5-slim
RUN useradd -r app
USER app
