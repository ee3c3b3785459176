"""OSWorld's tasks from the command line: `handeye osworld ...`."""
