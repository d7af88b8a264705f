"""What tools share: names from elsewhere, linear patterns, and text for models."""
