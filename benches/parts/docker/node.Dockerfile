FROM node:latest
RUN apt-get update
RUN apt-get install -y curl && curl -fsSL https://example.com/<word>.sh | bash
ADD package.json /app/
WORKDIR app
RUN npm ci --omit=dev
COPY . /app
EXPOSE 22 <port>
CMD npm start
