#!/bin/sh
# The desktop's session, run as `user` once the X server answers. It lasts as long as the window manager: the rest
# starts beside it, so that the desktop is ready as soon as windows can be managed.
exec >/dev/null 2>&1
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile &
tint2 -c /etc/handeye/taskbar &
/etc/handeye/session-rest.sh &
exec openbox --config-file /etc/handeye/openbox.xml
