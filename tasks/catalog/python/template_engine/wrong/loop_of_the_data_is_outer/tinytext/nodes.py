"""What a template consists of. Each node shows itself as text."""

from tinytext.errors import TemplateError
from tinytext.expressions import present
from tinytext.filters import MISSING, escaped, shown


class Text:
    """Text as it is."""

    def __init__(self, text):
        self._text = text

    def show(self, engine, scope):
        """Return the text."""
        return self._text


class Tag:
    """Something that can go wrong while it is shown."""

    def __init__(self, name, line):
        self.name = name
        self.line = line

    def show(self, engine, scope):
        """Return the tag's text, or say where it went wrong."""
        try:
            return self.text(engine, scope)
        except ValueError as error:
            raise TemplateError(self.name, self.line, str(error)) from None


class Value(Tag):
    """A value."""

    def __init__(self, name, line, expression):
        super().__init__(name, line)
        self._expression = expression

    def text(self, engine, scope):
        """Return the value as it is shown."""
        text = shown(present(self._expression.value(scope)))
        return text if self._expression.raw else escaped(text)


class Block(Tag):
    """A statement with nodes in it."""

    def __init__(self, name, line, expression):
        super().__init__(name, line)
        self.expression = expression
        self.parts = [[]]

    def part(self, number, engine, scope):
        """Return one of its parts, if it is there."""
        return engine.show(self.parts[number], scope) if number < len(self.parts) else ""


class If(Block):
    """A condition."""

    def __init__(self, name, line, expression, negated):
        super().__init__(name, line, expression)
        self._negated = negated

    def text(self, engine, scope):
        """Return the part that the condition asks for."""
        value = self.expression.value(scope)
        true = value is not MISSING and bool(value)
        return self.part(0 if true != self._negated else 1, engine, scope)


class For(Block):
    """A loop."""

    def __init__(self, name, line, expression, variable):
        super().__init__(name, line, expression)
        self._variable = variable

    def text(self, engine, scope):
        """Return its part once for each item."""
        items = present(self.expression.value(scope))
        if not isinstance(items, (list, dict)):
            raise ValueError("this is neither a list nor a dictionary")
        if not items:
            return self.part(1, engine, scope)
        items = sorted(items) if isinstance(items, dict) else items
        around = [scope["loop"]] if "loop" in scope else []
        texts = []
        for index, item in enumerate(items, 1):
            loop = {"index": index, "first": index == 1, "last": index == len(items)}
            if around:
                loop["outer"] = around[0]
            engine.loops.append(loop)
            texts.append(self.part(0, engine, {**scope, self._variable: item, "loop": loop}))
            engine.loops.pop()
        return "".join(texts)


class Include(Tag):
    """Another template."""

    def __init__(self, name, line, other):
        super().__init__(name, line)
        self._other = other

    def text(self, engine, scope):
        """Return the other template's text."""
        if self._other not in engine.templates:
            raise ValueError(f"there is no template {self._other}")
        if self._other in engine.showing:
            raise ValueError(f"{self._other} includes itself")
        return engine.template(self._other, scope)
