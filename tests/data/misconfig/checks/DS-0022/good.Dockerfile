FROM debian:12.5-slim
LABEL org.opencontainers.image.authors="Ada <ada@example.com>"
