'use strict';
// The command `code`, as VS Code has it: opens files, folders and workspaces in windows of the editor, and manages
// its extensions.
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const places = require('./places');

const PATIENCE = 100; // seconds: on a busy machine the server takes half a minute
const VALUED = new Set([
    '--category', '--extensions-dir', '--locale', '--log', '--profile', '--user-data-dir', '--sync', '--folder-uri',
    '--file-uri', '--disable-extension', '--enable-proposed-api', '--max-memory',
]);
const SHORT = { '-n': '--new-window', '-r': '--reuse-window', '-g': '--goto', '-a': '--add', '-d': '--diff', '-w': '--wait', '-h': '--help', '-v': '--version' };
const MANAGED = ['--install-extension', '--uninstall-extension', '--locate-extension'];
const HELP = `Usage: code [options][paths...]

  -d --diff FILE FILE              Compare two files.
  -a --add FOLDER                  Add folders to the last window.
  -g --goto FILE:LINE[:COLUMN]     Open a file at a line.
  -n --new-window                  Open a new window.
  -r --reuse-window                Open in the last window.
  -w --wait                        Wait until the files are closed.
     --list-extensions             List the installed extensions, --show-versions with their versions.
     --install-extension FILE.vsix
     --uninstall-extension ID
  -v --version
  -h --help
`;

/** The options by name, lists for those that may come again, and the paths. What is unknown is passed over, as VS Code does. */
function parse(words) {
    const options = new Map();
    const paths = [];
    for (let at = 0; at < words.length; at++) {
        const [name, given] = (SHORT[words[at]] || words[at]).split(/=(.*)/s);
        if (MANAGED.includes(name)) {
            options.set(name, [...(options.get(name) || []), given ?? words[++at]]);
        } else if (VALUED.has(name)) {
            options.set(name, given ?? words[++at]);
        } else if (name.startsWith('--')) {
            options.set(name, true);
        } else if (!/^-.|^$/.test(words[at])) {
            paths.push(words[at]);
        }
    }
    return { options, paths };
}

/** List, install or remove extensions. VS Code's own code for it ends this process. */
async function manage(options) {
    const asked = { _: [], ...places.folders, force: options.has('--force'), 'accept-server-license-terms': true };
    for (const name of [...MANAGED, '--list-extensions', '--show-versions', '--category', '--extensions-dir']) {
        if (options.has(name)) {
            asked[name.slice(2)] = options.get(name);
        }
    }
    places.prepare();
    const server = await require(path.join(__dirname, 'vscode/out/server-main')).loadCodeWithNls();
    await server.spawnCli(asked);
}

function version() {
    const product = JSON.parse(fs.readFileSync(path.join(__dirname, 'vscode/product.json'), 'utf8'));
    process.stdout.write(`${product.version}\n${product.commit}\n${os.arch()}\n`);
}

/** Say `message` to a Unix socket's HTTP server; what it answers. */
function ask(socketPath, message) {
    return new Promise((resolve, reject) => {
        const request = http.request({ socketPath, path: '/', method: 'POST', timeout: 5000 }, (response) => {
            let body = '';
            response.on('data', (chunk) => (body += chunk));
            response.on('end', () => resolve(body));
        });
        request.on('error', reject);
        request.end(message ? JSON.stringify(message) : '');
    });
}

/** What `probe` gives once it gives something. */
async function until(probe, what) {
    for (const deadline = Date.now() + PATIENCE * 1000; Date.now() < deadline; ) {
        const found = await probe();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${what} did not come up in ${PATIENCE} seconds`);
}

/** The windows' sessions, oldest first; undefined where no server answers. */
async function sessions() {
    try {
        return JSON.parse(await ask(places.control));
    } catch (err) {
        return undefined;
    }
}

function background(command, words) {
    spawn(command, words, { detached: true, stdio: 'ignore', cwd: os.homedir() }).unref();
}

async function serve() {
    if ((await sessions()) === undefined) {
        background(process.execPath, [path.join(__dirname, 'serve.js')]);
        await until(sessions, 'the editor');
    }
}

/** Whether a window of the editor is on the screen: a killed one leaves its session for a while. */
function shown() {
    const windows = spawnSync('wmctrl', ['-lx'], { encoding: 'utf8' }).stdout || '';
    return /^\S+\s+\S+\s+\S*\.Code\s/m.test(windows);
}

/** Of the windows that are there, the one whose terminal this is run in, else the newest: its socket. */
function last(there) {
    const own = process.env.VSCODE_IPC_HOOK_CLI;
    return there.some(({ socket }) => socket === own) ? own : there.at(-1).socket;
}

function uri(file) {
    return `vscode-remote://${places.authority}${encodeURI(file).replace(/[?#]/g, encodeURIComponent)}`;
}

/** A new window at what the query says. */
function show(query) {
    const url = `http://${places.authority}/?${new URLSearchParams(query)}`;
    background('chromium', [`--user-data-dir=${places.profile}`, '--class=Code', '--start-maximized', `--app=${url}`]);
}

async function newWindow(query) {
    const before = new Set((await sessions()).map(({ socket }) => socket));
    show(query);
    return () => until(async () => (await sessions()).findLast(({ socket }) => !before.has(socket)), 'the window');
}

/** Each path's kind: a folder, a workspace or a file, that with --goto may carry a line and a column. */
function sort(paths, goto) {
    const found = { folders: [], workspaces: [], files: [] };
    for (const given of paths) {
        const whole = path.resolve(given);
        const bare = goto && !fs.existsSync(whole) ? whole.replace(/(:\d+){1,2}$/, '') : whole;
        if (fs.existsSync(bare) && fs.statSync(bare).isDirectory()) {
            found.folders.push(bare);
        } else if (bare.endsWith('.code-workspace') && fs.existsSync(bare)) {
            found.workspaces.push(bare);
        } else {
            found.files.push(whole);
        }
    }
    return found;
}

/** The query that opens the first of what was asked in a new window, and what is left for it. */
function first({ folders, workspaces, files }, goto) {
    const query = {};
    let left = files;
    if (folders.length || workspaces.length) {
        Object.assign(query, folders.length ? { folder: folders[0] } : { workspace: workspaces[0] });
    } else {
        query.ew = 'true';
    }
    if (files.length) {
        query.payload = JSON.stringify([['openFile', uri(files[0])], ...(goto ? [['gotoLineMode', 'true']] : [])]);
        left = files.slice(1);
    }
    return { query, left };
}

async function open(options, paths) {
    const goto = options.has('--goto');
    const asked = sort(paths, goto);
    const pipe = { type: 'open', folderURIs: [], fileURIs: [], gotoLineMode: goto };
    let waiting;
    if (options.has('--wait') && asked.files.length) {
        waiting = path.join(os.tmpdir(), `vscode-wait-${process.pid}`);
        fs.writeFileSync(waiting, '');
        pipe.waitMarkerFilePath = waiting;
    }
    await serve();
    const roots = [...asked.folders, ...asked.workspaces];
    const inLast = options.has('--add') || options.has('--reuse-window') || (asked.files.length && !roots.length);
    const fresh = options.has('--new-window') || !inLast;
    const there = shown() ? await sessions() : [];
    if (there.length && !fresh) {
        Object.assign(pipe, { addMode: options.has('--add'), diffMode: options.has('--diff'), forceReuseWindow: true });
        await ask(last(there), { ...pipe, folderURIs: roots.map(uri), fileURIs: asked.files.map(uri) });
    } else {
        const whole = options.has('--diff') || waiting;
        const { query, left } = first(whole ? { ...asked, files: [] } : asked, goto);
        const session = await newWindow(query);
        const rest = whole ? asked.files : left;
        if (rest.length) {
            await ask((await session()).socket, { ...pipe, diffMode: options.has('--diff'), fileURIs: rest.map(uri) });
        }
        for (const folder of asked.folders.slice(1)) {
            show({ folder });
        }
    }
    while (waiting && fs.existsSync(waiting)) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

async function main() {
    const { options, paths } = parse(process.argv.slice(2));
    if (options.has('--help')) {
        process.stdout.write(HELP);
    } else if (options.has('--version')) {
        version();
    } else if (options.has('--list-extensions') || MANAGED.some((name) => options.has(name))) {
        await manage(options);
    } else {
        await open(options, paths);
    }
}

main().catch((err) => {
    process.stderr.write(`code: ${err.message}\n`);
    process.exitCode = 1;
});
