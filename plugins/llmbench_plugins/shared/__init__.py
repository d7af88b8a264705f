"""What plugins of more than one axis share."""
