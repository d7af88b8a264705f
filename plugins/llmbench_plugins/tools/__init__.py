"""What a model may call; one of a single module is a module."""
