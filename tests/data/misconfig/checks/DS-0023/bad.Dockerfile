FROM debian:12.5-slim
HEALTHCHECK CMD a
HEALTHCHECK --interval=5m CMD b
