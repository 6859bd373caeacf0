FROM debian:12.5-slim
RUN apt-get install -y curl wget
RUN curl -O https://b.example/y
