"""What the machine does while a run is under way."""
