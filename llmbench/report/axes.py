"""The axes whose choices tell runs apart, in the order in which they are shown."""

AXES = ("model", "backend", "agent", "dataset")
