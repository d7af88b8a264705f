"""From tags to nodes."""

from tinytext.errors import TemplateError
from tinytext.expressions import path
from tinytext.lexer import tokens
from tinytext.nodes import If, Text, Value


def parse(name, source):
    """Return the nodes of a template."""
    nodes, blocks = [], []
    for kind, content, line in tokens(name, source):
        here = blocks[-1].nodes if blocks else nodes
        try:
            if kind == "text":
                here.append(Text(content))
            elif kind == "value":
                here.append(Value(name, line, path(content)))
            else:
                statement(name, line, content, here, blocks)
        except ValueError as error:
            raise TemplateError(name, line, str(error)) from None
    if blocks:
        raise TemplateError(name, blocks[-1].line, "the block has no end")
    return nodes


def statement(name, line, content, here, blocks):
    """Add a statement to where it belongs."""
    word, _, rest = content.strip().partition(" ")
    if word == "if":
        block = If(name, line, path(rest))
        here.append(block)
        blocks.append(block)
    elif word == "end" and not rest and blocks:
        blocks.pop()
    else:
        raise ValueError(f"{word} does not belong here")
