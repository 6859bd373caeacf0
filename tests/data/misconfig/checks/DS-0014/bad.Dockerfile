FROM debian:12.5-slim
RUN curl -fsS https://a.example/x -o x
RUN wget https://b.example/y
