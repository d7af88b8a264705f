# Read a name and greet it.
