#!/bin/sh
# code.sh HOST: lays the editor, which fetch.sh brought to HOST, in /usr/lib/handeye/code/vscode, without what a
# desktop does not need, and as a desktop's editor where the one of the web differs.
set -eu
host=$1
to=/usr/lib/handeye/code/vscode
mkdir -p $to
tar -xzf "$host"/code/code-server-*.tgz -C $to --strip-components=3 --no-same-owner --exclude='*.map' \
    package/lib/vscode package/src/browser/media
cp -r "$host/code/node_modules" $to/node_modules
cd $to

rm -rf bin npm-shrinkwrap.json media
rm -rf extensions/ms-vscode.* extensions/typescript-language-features extensions/tunnel-forwarding
rm -rf extensions/github extensions/github-authentication extensions/microsoft-authentication
rm -rf extensions/npm extensions/grunt extensions/gulp extensions/jake extensions/package.json extensions/postinstall.mjs
find node_modules '(' -name '*.map' -o -name '*.md' -o -name '*.ts' ')' -type f -delete
rm -rf node_modules/.bin node_modules/.package-lock.json
find node_modules/@parcel/watcher/prebuilds -mindepth 1 -maxdepth 1 ! -name 'linux-*' -exec rm -rf {} +
ln -s node_modules node_modules.asar
# What its terminals call a browser.
mkdir -p bin/helpers
ln -s /usr/bin/xdg-open bin/helpers/browser.sh

# Debian's ripgrep for the one that its package would fetch, and no log files, whose package has to be compiled.
mkdir -p node_modules/@vscode/ripgrep node_modules/@vscode/spdlog
echo "exports.rgPath = '/usr/bin/rg';" >node_modules/@vscode/ripgrep/index.js
cat >node_modules/@vscode/spdlog/index.js <<'JS'
'use strict';
class Logger {}
for (const name of ['trace', 'debug', 'info', 'warn', 'error', 'critical', 'setLevel', 'setPattern', 'clearFormatters', 'flush', 'drop']) {
    Logger.prototype[name] = () => {};
}
exports.version = 0;
exports.setLevel = exports.setFlushOn = exports.shutdown = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async () => new Logger();
JS

# put FILE OLD NEW: a change that must have its place.
put() {
    node -e '
        const [file, old, put] = process.argv.slice(1);
        const text = require("fs").readFileSync(file, "utf8");
        if (text.split(old).length !== 2) throw new Error(`${file}: ${text.split(old).length - 1} places for ${old}`);
        require("fs").writeFileSync(file, text.split(old).join(put));
    ' "$@"
}
web=out/vs/workbench/workbench.web.main.js
# The desktop's names, theme, menu bar, keys and habits for the web's, and no welcome.
put product.json '"nameShort": "code-server"' '"nameShort": "Visual Studio Code"'
put product.json '"nameLong": "code-server"' '"nameLong": "Visual Studio Code"'
put $web 'nameShort:"code-server",nameLong:"code-server"' 'nameShort:"Visual Studio Code",nameLong:"Visual Studio Code"'
put $web '?v+"${separator}${remoteName}":v' '?v:v'
put $web 'default:k.$r?"compact":"classic"' 'default:"classic"'
put $web 'default:p.$r?$.ThemeSettingDefaults.COLOR_THEME_LIGHT:' 'default:p.$r?$.ThemeSettingDefaults.COLOR_THEME_DARK:'
put $web 'default:"welcomePage",description:(0,t.localize)(11328,null)' 'default:"none",description:(0,t.localize)(11328,null)'
put $web 'default:d.$r?T.$Dl.AFTER_DELAY:T.$Dl.OFF' 'default:T.$Dl.OFF'
put $web 'primary:n.$r?n.$l?(0,k.$9r)(k.KeyMod.CtrlCmd|k.KeyCode.KeyK' 'primary:!1?n.$l?(0,k.$9r)(k.KeyMod.CtrlCmd|k.KeyCode.KeyK'
put $web 'primary:a.$r?a.$l?(0,u.$9r)(u.KeyMod.CtrlCmd|u.KeyCode.KeyK' 'primary:!1?a.$l?(0,u.$9r)(u.KeyMod.CtrlCmd|u.KeyCode.KeyK'
# As it was in 1.91: the trees' own search is Ctrl+F.
find='"list.find",weight:s.KeybindingWeight.WorkbenchContrib,when:T.$Ij.and(k.$n_,k.$v_),primary:t.KeyMod.CtrlCmd|'
put $web "$find"'t.KeyMod.Alt|t.KeyCode.KeyF' "$find"'t.KeyCode.KeyF'
