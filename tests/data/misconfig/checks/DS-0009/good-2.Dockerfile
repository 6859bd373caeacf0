FROM debian:12.5-slim
ARG HOME=/home/a
WORKDIR $HOME/app
