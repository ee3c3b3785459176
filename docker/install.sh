#!/bin/sh
# install.sh HOST: turns the minimal Debian that it runs in into the desktop. The recipe is the folder it stands
# in, HOST what host.sh wrote. The Dockerfile runs it, and so does envs/recipe.py over a debootstrap base.
set -eu
recipe=$(dirname "$0")
host=$1
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# Only what a desktop shows is unpacked: no manuals, no translations. The licences stay.
cat >/etc/dpkg/dpkg.cfg.d/handeye <<'CFG'
force-unsafe-io
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/help/*
path-exclude=/usr/share/gnome/help/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/en*
path-include=/usr/share/locale/locale.alias
path-exclude=/usr/share/poppler/cMap/*/old/*
CFG

sources=""
if [ -s "$host/sources.list" ]; then
    sources="-o Dir::Etc::SourceList=$host/sources.list -o Dir::Etc::SourceParts=/dev/null"
fi
[ -d "$host/auth" ] && sources="$sources -o Dir::Etc::netrcparts=$host/auth"
[ -f "$host/ca.crt" ] && sources="$sources -o Acquire::https::CAInfo=$host/ca.crt"
[ -f "$host/apt.conf" ] && export APT_CONFIG="$host/apt.conf"
apt="apt-get -q -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Languages=none $sources"

# A package's own script must not start anything while the image is made.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
$apt update
$apt install -y $(sed 's/#.*//' "$recipe/packages")
$apt install -y tcc libc6-dev
mkdir -p /usr/lib/handeye
tcc -shared -o /usr/lib/handeye/clock.so "$recipe/clock.c"
$apt purge -y --autoremove tcc libc6-dev
rm /usr/sbin/policy-rc.d

echo 'LANG=en_US.UTF-8' >/etc/default/locale
localedef -i en_US -f UTF-8 en_US.UTF-8
# The zone is the user's to set (timedatectl), and UTC where he has none.
ln -sf /home/user/.config/localtime /etc/localtime
echo UTC >/etc/timezone

useradd --create-home --uid 1000 --shell /bin/bash user
useradd --system --uid 901 --home-dir /nonexistent --shell /usr/sbin/nologin display
echo 'user:password' | chpasswd
usermod --append --groups sudo user
chage --lastday 2026-01-01 user
chage --lastday 2026-01-01 root

cp -r "$recipe/root/." /
chown -R root:root /etc/handeye /usr/share/handeye
chmod -R u=rwX,go=rX /etc/handeye /usr/share/handeye
chmod 755 /etc/handeye/*.sh
sh "$recipe/osworld.sh"
sh "$recipe/code.sh" "$host"
sh "$recipe/finish.sh"
sh "$recipe/digest.sh" >/etc/handeye/digest
