"""Reading an answer: which of its text is which file. docs/reference/extraction.md states the rules."""

from llmbench_plugins.agents.shared.extraction.extract import Extracted, extract
from llmbench_plugins.agents.shared.extraction.given import given_files
from llmbench_plugins.agents.shared.extraction.longest import extract_longest

__all__ = ["Extracted", "extract", "extract_longest", "given_files"]
