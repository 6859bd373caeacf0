FROM debian:12.5-slim
WORKDIR /app
