#!/bin/sh
# osworld.sh: what OSWorld's tasks take for granted of a machine and a Debian does not have. Run by install.sh once the
# packages are there and `root/` is laid. See "OSWorld's platform" in README.md.
set -eu
home=/usr/share/handeye/home

chmod 755 /usr/bin/sudo /usr/bin/google-chrome-stable /usr/local/bin/apt-get /usr/local/bin/timedatectl
ln -s apt-get /usr/local/bin/apt
ln -s google-chrome-stable /usr/bin/google-chrome
# A second name and not a link that is followed: Chromium calls its process what its file is called, and tasks
# end `chrome`.
ln /usr/lib/chromium/chromium /usr/lib/chromium/chrome
ln -s 3.0 $home/.config/GIMP/2.10
ln -s /usr/share/zoneinfo/Etc/UTC $home/.config/localtime

# `pip install` says of what is there that it is, and gives up at once on the rest.
rm /usr/lib/python3*/EXTERNALLY-MANAGED
printf '[global]\nretries = 0\ntimeout = 3\ndisable-pip-version-check = true\n' >/etc/pip.conf
# Debian's PyMuPDF: the package that it says it wants is python3-mupdf here, and its old name is what programs import.
modules=/usr/lib/python3/dist-packages
sed -i '/^Requires-Dist: PyMuPDFb/d' $modules/pymupdf-*.dist-info/METADATA
echo 'from pymupdf import *' >$modules/fitz.py
