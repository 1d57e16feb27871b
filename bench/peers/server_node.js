// The server rows with Node's http and https, and ws for WebSockets if that is installed:
// server_node.js PORT WORKERS FOLDER [CERTIFICATE KEY].
'use strict';
const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');

const [port, workers, folder, certificate, key] = process.argv.slice(2);

function sayHello(response) {
  const body = 'Hello, World!';
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
}

function sayJson(response) {
  const body = JSON.stringify({ message: 'Hello, World!' });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

function sendFile(name, response) {
  fs.readFile(path.join(folder, 'static', path.basename(name)), (error, body) => {
    response.writeHead(error ? 404 : 200, { 'Content-Type': 'application/octet-stream',
      'Content-Length': error ? 0 : body.length });
    response.end(body);
  });
}

function answer(request, response) {
  if (request.url === '/plaintext')
    sayHello(response);
  else if (request.url === '/json')
    sayJson(response);
  else
    sendFile(request.url, response);
}

function echoOn(server) {
  try {
    const { WebSocketServer } = require('ws');
    new WebSocketServer({ server, path: '/ws', perMessageDeflate: false })
      .on('connection', (socket) => socket.on('message',
        (message, binary) => socket.send(message, { binary })));
  } catch {
    // Not installed: the row is left out by the driver.
  }
}

if (Number(workers) > 1 && cluster.isPrimary) {
  for (let i = 0; i < Number(workers); i++)
    cluster.fork();
} else {
  const options = { keepAliveTimeout: 600000, requestTimeout: 0 };
  const server = certificate
    ? https.createServer({ ...options, cert: fs.readFileSync(certificate),
      key: fs.readFileSync(key) }, answer)
    : http.createServer(options, answer);
  echoOn(server);
  server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
}
