ARG TAG=12.5
FROM localhost:5000/debian:$TAG
