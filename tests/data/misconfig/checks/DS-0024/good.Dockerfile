FROM debian:12.5-slim
RUN apt-get update && apt-get upgrade -y
