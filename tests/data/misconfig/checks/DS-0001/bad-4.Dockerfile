ARG TAG=latest
ARG TAG=latest
FROM debian:$TAG
