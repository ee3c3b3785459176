#!/bin/sh
# host.sh OUT: writes to OUT how this machine reaches its Debian packages, for the time of a build: no host's
# name stands in the recipe. A machine that is not Debian gets an empty folder, and the base's own sources hold.
set -eu
out=$1
mkdir -p "$out"
if [ "$(. /etc/os-release && echo "$ID")" = debian ] && command -v apt-get >/dev/null; then
    here=$(. /etc/os-release && echo "$VERSION_CODENAME")
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
        sed -n "s/^\(https\?:[^ ]*\) $here\([^ ]*\) \([a-z-]*\)\$/deb \1 trixie\2 \3/p" >"$out/sources.list"
    [ -s "$out/sources.list" ] || rm "$out/sources.list"
    apt-config dump | grep -E '^Acquire::(https?|Check-[A-Za-z-]*|Retries)(::| )' >"$out/apt.conf" || true
    mkdir "$out/auth"
    cp /etc/apt/auth.conf.d/* "$out/auth/" 2>/dev/null || true
fi
cp /etc/ssl/certs/ca-certificates.crt "$out/ca.crt" 2>/dev/null || true
cp -L /etc/resolv.conf "$out/resolv.conf" 2>/dev/null || true
