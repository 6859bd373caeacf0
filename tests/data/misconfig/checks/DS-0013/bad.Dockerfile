FROM debian:12.5-slim
RUN cd /src && make
