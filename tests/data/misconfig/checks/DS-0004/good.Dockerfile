FROM debian:12.5-slim
EXPOSE 8080
