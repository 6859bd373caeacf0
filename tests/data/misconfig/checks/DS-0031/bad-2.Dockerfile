FROM debian:12.5-slim
ARG DB_PASSWORD
RUN ./migrate
