"""What ships in the box: a folder an axis, a room a plugin, registered as a third party's are."""
