"""Where it happens: the types both sides share, the desktops, and the server inside them."""
