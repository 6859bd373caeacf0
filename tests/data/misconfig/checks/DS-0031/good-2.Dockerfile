FROM debian:12.5-slim
RUN --mount=type=secret,id=aws aws configure set aws_secret_access_key $(cat /run/secrets/aws)
