"""What can be done with values before they are shown."""
