FROM debian:12.5-slim
CMD ["a"]
CMD ["b"]
