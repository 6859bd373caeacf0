FROM debian:12.5-slim
EXPOSE 22/tcp
