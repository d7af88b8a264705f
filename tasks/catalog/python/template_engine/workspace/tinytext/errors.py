"""What goes wrong."""


class TemplateError(Exception):
    """A mistake: the template's name, the line of the tag, and what is wrong."""
