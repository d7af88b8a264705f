"""What a template consists of. Each node shows itself as text."""

from tinytext.errors import TemplateError
from tinytext.expressions import MISSING, find


class Text:
    """Text as it is."""

    def __init__(self, text):
        self._text = text

    def show(self, engine, scope):
        """Return the text."""
        return self._text


class Value:
    """A value."""

    def __init__(self, name, line, path):
        self._name = name
        self._line = line
        self._path = path

    def show(self, engine, scope):
        """Return the value as text."""
        value = find(scope, self._path)
        if value is MISSING:
            raise TemplateError(self._name, self._line, "there is no " + ".".join(self._path))
        return str(value)


class If:
    """A condition."""

    def __init__(self, name, line, path):
        self.line = line
        self._path = path
        self.nodes = []

    def show(self, engine, scope):
        """Return what is in it if the condition holds."""
        value = find(scope, self._path)
        return engine.show(self.nodes, scope) if value is not MISSING and value else ""
