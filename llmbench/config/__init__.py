"""All that knows Hydra: from a command line to a checked ``RunSpec``, and sweeps over many."""
