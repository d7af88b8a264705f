"""What datasets share: downloads, and tasks that are folders."""
