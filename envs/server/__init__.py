"""The server inside the desktop: it runs as root beside a desktop whose user it does not trust."""
