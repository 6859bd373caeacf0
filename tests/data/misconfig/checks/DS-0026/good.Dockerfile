FROM debian:12.5-slim
HEALTHCHECK CMD curl -f http://localhost/
