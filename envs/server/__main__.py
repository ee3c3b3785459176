"""`python3 -s -P -m envs.server`: see `boot`."""

from envs.server.boot import main

main()
