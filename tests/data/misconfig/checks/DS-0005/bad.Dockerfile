FROM debian:12.5-slim
ADD src /app/
