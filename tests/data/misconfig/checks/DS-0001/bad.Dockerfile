FROM debian:latest  
USER app
