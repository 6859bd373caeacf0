FROM debian:12.5-slim
RUN apt-get -qy install curl && apt-get install --assume-yes git
