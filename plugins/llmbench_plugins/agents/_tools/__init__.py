"""The parts of agent ``tools``: two ways of writing calls, the conversation, and the counting."""
