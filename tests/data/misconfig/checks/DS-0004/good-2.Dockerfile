FROM debian:12.5-slim
EXPOSE 2222/tcp
