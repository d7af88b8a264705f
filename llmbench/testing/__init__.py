"""For tests, of plugin authors too: conformance suites an axis, stub servers, scripted models."""
