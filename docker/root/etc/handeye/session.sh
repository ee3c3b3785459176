#!/bin/sh
# The desktop's session, run as `user` once the X server answers. It lasts as long as the window manager, which
# starts the rest once it manages windows: the desktop is ready the sooner.
exec >/dev/null 2>&1
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile &
# Spares it 500 kB of compose sequences, which it would parse at every start; the rest gets them again.
XCOMPOSEFILE=/dev/null exec openbox --config-file /etc/handeye/openbox.xml --startup /etc/handeye/session-rest.sh
