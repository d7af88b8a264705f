"""Fills templates in."""

from tinytext.engine import render
from tinytext.errors import TemplateError

__all__ = ["TemplateError", "render"]
