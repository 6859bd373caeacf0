FROM debian:12.5-slim AS build
FROM build
USER app
