"""From tags to nodes."""

import re

from tinytext.errors import TemplateError
from tinytext.expressions import NAME, Expression, unquoted
from tinytext.lexer import tokens
from tinytext.nodes import For, If, Include, Text, Value


def parse(name, source):
    """Return the nodes of a template."""
    nodes, blocks = [], []
    for kind, content, line in tokens(name, source):
        here = blocks[-1].parts[-1] if blocks else nodes
        try:
            if kind == "text":
                here.append(Text(content))
            elif kind == "value":
                here.append(Value(name, line, Expression(content)))
            elif kind == "statement":
                statement(name, line, content, here, blocks)
        except ValueError as error:
            raise TemplateError(name, line, str(error)) from None
    if blocks:
        raise TemplateError(name, blocks[-1].line, "the block has no end")
    return nodes


def statement(name, line, content, here, blocks):
    """Add a statement to where it belongs."""
    word, rest = re.fullmatch(r"\s*(\w*)(.*)", content, re.DOTALL).groups()
    rest = rest.strip()
    if word in ("else", "end"):
        if rest or not blocks or (word == "else" and len(blocks[-1].parts) > 1):
            raise ValueError(f"{word} does not belong here")
        if word == "end":
            blocks.pop()
        else:
            blocks[-1].parts.append([])
        return
    if word not in ("if", "for", "include"):
        raise ValueError(f"{word} is no statement")
    node = {"if": condition, "for": loop, "include": include}[word](name, line, rest)
    here.append(node)
    if word != "include":
        blocks.append(node)


def condition(name, line, rest):
    """Read what stands after "if"."""
    negated = re.match(r"not\b", rest)
    return If(name, line, plain(rest[3:] if negated else rest), bool(negated))


def loop(name, line, rest):
    """Read what stands after "for"."""
    found = re.fullmatch(rf"({NAME})\s+in\b(.*)", rest, re.DOTALL)
    if not found or found.group(1) == "loop":
        raise ValueError("a loop looks like: for name in list")
    return For(name, line, plain(found.group(2)), found.group(1))


def include(name, line, rest):
    """Read what stands after "include"."""
    if not re.fullmatch(r'"(?:[^"\\]|\\.)*"', rest, re.DOTALL):
        raise ValueError("a template's name in quotes is wanted")
    return Include(name, line, unquoted(rest))


def plain(text):
    """Return an expression that is not shown."""
    expression = Expression(text)
    if expression.raw:
        raise ValueError("only what is shown can be raw")
    return expression
