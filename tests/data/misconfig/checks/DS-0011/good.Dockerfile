FROM debian:12.5-slim
COPY a b /app/
