FROM debian:12.5-slim
RUN sudo apt-get update
