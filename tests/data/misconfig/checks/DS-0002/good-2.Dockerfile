FROM debian:12.5-slim
USER root
RUN true
USER 1001:1001
