"""Shows templates."""

from tinytext.parser import parse


class Engine:
    """Templates, with what is being shown of them."""

    def __init__(self, templates):
        self.templates = templates

    def template(self, name, scope):
        """Return the text of a template."""
        nodes = parse(name, self.templates[name])
        return self.show(nodes, scope)

    def show(self, nodes, scope):
        """Return the text of nodes."""
        return "".join(node.show(self, scope) for node in nodes)


def render(templates, name, data):
    """Fill a template in."""
    return Engine(templates).template(name, data)
