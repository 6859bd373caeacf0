FROM debian:12.5 AS build
COPY --from=BUILD /a /b
