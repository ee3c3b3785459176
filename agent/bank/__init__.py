"""Banks of items: what is played on live desktops for them, and what is made of the records."""
