"""What a box must hold: a folder each, with a Dockerfile and what to look for on a host."""
