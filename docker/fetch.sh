#!/bin/sh
# fetch.sh HOST CACHE: brings what the recipe takes from npm's registry to HOST/code, by this machine's own client
# and its settings: the editor, and the modules that it needs, of the versions and hashes named here and in
# code/package-lock.json. What has once been fetched stays in CACHE, by its content.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
command -v npm >/dev/null || { echo "the desktop's editor comes from npm: apt-get install npm" >&2; exit 1; }
mkdir -p "$1/code" "$2/npm"
to=$(cd "$1/code" && pwd)
cache=$(cd "$2/npm" && pwd)
editor=code-server@4.93.1
sha512=3b1101c71b79adaf9ac8a769f7206f441ef6819999cebb5a0ef53db91a8d6df41222b1a408e9fe231130d0083362b6ed3296b542132fe8bde8779c010ac24a16

cp "$recipe/code/package.json" "$recipe/code/package-lock.json" "$to/"
cd "$to"
npm="npm --cache $cache --prefer-offline --ignore-scripts --legacy-peer-deps --no-audit --no-fund --no-update-notifier"
$npm ci --omit=dev --os=linux --libc=glibc >&2
$npm pack --silent "$editor" >&2
echo "$sha512  code-server-4.93.1.tgz" | sha512sum --check --quiet - >&2
