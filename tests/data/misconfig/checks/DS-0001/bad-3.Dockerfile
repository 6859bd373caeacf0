ARG BASE=debian
FROM ${BASE}
USER app
