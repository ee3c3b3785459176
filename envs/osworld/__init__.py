"""OSWorld's HTTP API: our desktops answer it (`bridge`), and machines that speak it are desktops of ours (`vm`)."""
