FROM golang:1.24 AS build
COPY . /src
RUN --mount=type=cache,target=/root/.cache <<EOT
set -e
cd /src
go build -o /out/<word> ./cmd/<word>
EOT
FROM scratch
COPY --from=build /out/<word> /<word>
USER 65534:65534
ENTRYPOINT ["/<word>"]
