FROM debian:12.5 AS build
RUN make
FROM debian:12.5
COPY --from=build /a /b
