"""What agents share: files in a model's text, and wording."""
