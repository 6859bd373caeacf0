FROM debian:12.5-slim
RUN true
