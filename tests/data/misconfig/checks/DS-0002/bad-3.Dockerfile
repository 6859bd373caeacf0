FROM debian:12.5-slim
USER app
USER 0:0
