FROM debian:12.5-slim
ENTRYPOINT ["a"]
