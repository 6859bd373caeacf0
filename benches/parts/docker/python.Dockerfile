# <text>
ARG VERSION=3.12
FROM python:${VERSION}-slim AS build
WORKDIR /src
COPY requirements.txt .
RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

FROM python:${VERSION}-slim
ENV STAGE=<word> PORT=<port>
COPY --from=build /src /app
EXPOSE <port>
USER 10001
HEALTHCHECK CMD ["python", "-m", "<word>.health"]
ENTRYPOINT ["python", "-m", "<word>"]
