FROM debian:12.5-slim
WORKDIR /src
RUN make
