"""What is asked: goals, scenes, suites."""
