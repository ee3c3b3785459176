'use strict';
// The editor's server: VS Code's own, on the loopback address, with what its pages ask beside. Started by cli.js,
// once a session. On a Unix socket it is told of the windows' sessions, and tells cli.js.
const fs = require('fs');
const http = require('http');
const path = require('path');
const places = require('./places');

const code = path.join(__dirname, 'vscode');
const key = Buffer.alloc(32, 'handeye'); // pages keep secrets with it in their own profile: nobody else reads that
const sessions = new Map(); // the path of a window's socket: its workspace, oldest first

function control(request, response) {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
        const said = body ? JSON.parse(body) : {};
        if (request.url === '/add-session') {
            sessions.set(said.entry.socketPath, said.entry.workspace);
        }
        const alive = [...sessions].filter(([socket]) => fs.existsSync(socket));
        response.end(JSON.stringify(alive.map(([socket, workspace]) => ({ socket, workspace }))));
    });
}

const STATIC = {
    '/manifest.json': ['application/manifest+json', 'manifest.json'],
    '/_static/src/browser/media/favicon-dark-support.svg': ['image/png', 'code-192.png'],
    '/_static/src/browser/media/favicon.ico': ['image/x-icon', 'favicon.ico'],
};

async function main() {
    places.prepare();
    process.env.CODE_SERVER_SESSION_SOCKET = places.control;
    const server = await (await require(path.join(code, 'out/server-main')).loadCodeWithNls()).createServer(null, {
        ...places.folders,
        'accept-server-license-terms': true,
        'without-connection-token': true,
        compatibility: '1.64',
        'disable-telemetry': true,
        'disable-update-check': true,
        'disable-workspace-trust': true,
        'disable-getting-started-override': true,
        'disable-file-downloads': true, // between the browser's machine and the server's, which are one here
        'disable-file-uploads': true,
        'disable-websocket-compression': true,
    });
    const pages = http.createServer((request, response) => {
        const plain = STATIC[request.url.split('?')[0]];
        if (request.url === '/mint-key') {
            response.end(key);
        } else if (plain) {
            response.writeHead(200, { 'Content-Type': plain[0] });
            fs.createReadStream(path.join(code, 'resources/server', plain[1])).pipe(response);
        } else {
            server.handleRequest(request, response);
        }
    });
    pages.on('upgrade', (request, socket) => server.handleUpgrade(request, socket));
    pages.listen(places.port, '127.0.0.1', () => {
        fs.rmSync(places.control, { force: true });
        http.createServer(control).listen(places.control);
    });
}

main();
