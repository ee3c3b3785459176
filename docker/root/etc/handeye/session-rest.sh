#!/bin/sh
# What the session has beside its bus and its window manager, which starts this once windows are managed. The bus must
# answer first: a program that finds none would do without.
unset XCOMPOSEFILE
tint2 -c /etc/handeye/taskbar &
while ! [ -S "$XDG_RUNTIME_DIR/bus" ]; do sleep 0.01; done
/usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 &
pcmanfm --desktop &
lxpanel --profile handeye &
pulseaudio --daemonize=no --exit-idle-time=-1 --log-target=null -n --file=/etc/handeye/sound.pa &
wait
