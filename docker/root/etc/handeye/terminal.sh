#!/bin/sh
# Ctrl+Alt+T: the terminal that the settings name, as with GNOME's own key.
named=$(gsettings get org.gnome.desktop.default-applications.terminal exec | tr -d "'")
exec "${named:-x-terminal-emulator}"
