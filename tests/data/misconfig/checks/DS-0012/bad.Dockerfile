FROM debian:12.5 AS build
FROM debian:12.4 AS Build
