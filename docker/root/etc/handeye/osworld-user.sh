#!/bin/sh
# What a user of OSWorld's machine has set otherwise than this desktop's: run in the session, as the user, before an
# OSWorld task. Ctrl+Alt+T opens GNOME's terminal, web pages open in Google Chrome, and videos not in VLC. There is one
# browser with one profile, by whichever name it is started.
set -eu
cd "${HOME:-/home/user}/.config"
mkdir -p ../.local/bin
ln -sf /usr/bin/gnome-terminal ../.local/bin/x-terminal-emulator
rm -rf chromium
ln -s google-chrome chromium
{
    echo '[Default Applications]'
    for type in text/html application/xhtml+xml x-scheme-handler/http x-scheme-handler/https; do
        echo "$type=google-chrome.desktop"
    done
    sed -n 's/^MimeType=//p' /usr/share/applications/vlc.desktop | tr ';' '\n' | sed -n 's/^video.*/&=ffplay.desktop/p'
} >mimeapps.list
