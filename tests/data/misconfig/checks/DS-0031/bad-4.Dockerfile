FROM debian:12.5-slim
ENV GOOGLE_APPLICATION_CREDENTIALS=/run/key.json
COPY key.json /run/key.json
