"""Ways of using a model: each turns a task into changed files."""
