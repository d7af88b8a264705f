"""What validators share: lines between this host and boxes, names of files, and words for people."""
