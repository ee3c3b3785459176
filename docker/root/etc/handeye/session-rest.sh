#!/bin/sh
# What the session has beside its bus and its window manager.
while ! [ -S "$XDG_RUNTIME_DIR/bus" ]; do sleep 0.01; done
pcmanfm --desktop &
tint2 &
/usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 &
pulseaudio --daemonize=no --exit-idle-time=-1 --log-target=null &
wait
