'use strict';
// Where the editor keeps its things: VS Code's own paths.
const fs = require('fs');
const os = require('os');
const path = require('path');

const config = path.join(process.env.XDG_CONFIG_HOME || path.join(os.homedir(), '.config'), 'Code');
exports.port = 46310;
exports.authority = `127.0.0.1:${exports.port}`;
exports.control = path.join(process.env.XDG_RUNTIME_DIR || os.tmpdir(), 'handeye-code.sock');
exports.profile = path.join(config, 'Chromium');
exports.folders = {
    'user-data-dir': config,
    'server-data-dir': config,
    'extensions-dir': path.join(os.homedir(), '.vscode', 'extensions'),
};

/** VS Code's server makes one folder at a time. */
exports.prepare = () => Object.values(exports.folders).forEach((folder) => fs.mkdirSync(folder, { recursive: true }));
