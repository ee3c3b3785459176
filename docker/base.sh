#!/bin/sh
# base.sh TARGET HOST ARCHIVES: a minimal Debian trixie in TARGET, by debootstrap, with the settings that host.sh
# wrote to HOST and the packages kept in ARCHIVES.
set -eu
target=$1 host=$2 archives=$3
mirror=$(awk '$3 == "trixie" { print $2; exit }' "$host/sources.list" 2>/dev/null || true)
# In a mount and process namespace of its own: what debootstrap mounts and starts ends with it, even by kill -9.
exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child debootstrap --variant=minbase --cache-dir="$archives" \
    --include=ca-certificates trixie "$target" ${mirror:+"$mirror"}
