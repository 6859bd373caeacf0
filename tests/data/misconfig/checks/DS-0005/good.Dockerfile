FROM debian:12.5-slim
ADD app.tar.gz /app/
