"""What the runner drives. A backend sees observations and nothing else: no task, no check, no desktop."""
