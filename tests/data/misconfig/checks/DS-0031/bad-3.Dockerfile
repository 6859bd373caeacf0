FROM debian:12.5-slim
RUN aws configure set aws_secret_access_key $KEY
