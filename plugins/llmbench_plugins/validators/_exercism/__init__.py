"""Parts of the validator `exercism`: what all languages share, and one module a language."""
