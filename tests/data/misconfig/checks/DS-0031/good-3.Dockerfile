FROM debian:12.5 AS build
ARG TOKEN
FROM debian:12.5
COPY --from=build /a /a
