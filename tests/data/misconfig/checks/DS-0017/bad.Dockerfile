FROM debian:12.5-slim
RUN apt-get update
RUN apt-get install -y curl
