FROM debian:12.5-slim
MAINTAINER Ada <ada@example.com>
