FROM debian:12.5-slim
HEALTHCHECK --interval=5m CMD b
