"""What runs inside a desktop, as root there: `python3 -m envs.server`. Never imported by the host's side."""
