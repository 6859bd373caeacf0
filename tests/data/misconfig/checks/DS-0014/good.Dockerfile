FROM debian:12.5-slim
RUN curl -fsS https://a.example/x -o x && curl -O https://b.example/y
