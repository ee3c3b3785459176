"""What a model understands of a screen: questions with a truth that was obtained by execution, and their scores."""
