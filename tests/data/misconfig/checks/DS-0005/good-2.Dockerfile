FROM debian:12.5-slim
COPY src /app/
ADD https://example.com/a.zip /a.zip
