[ -z "$PS1" ] && return
PS1='\u@\h:\w\$ '
HISTCONTROL=ignoreboth
alias ls='ls --color=auto'
alias ll='ls -alF'
