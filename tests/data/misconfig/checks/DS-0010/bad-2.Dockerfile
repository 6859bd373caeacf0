FROM debian:12.5-slim
RUN true && \
    sudo make install
