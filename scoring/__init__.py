"""What happened and what it was worth: the record, checks, numbers, replays."""
