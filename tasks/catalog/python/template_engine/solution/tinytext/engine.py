"""Shows templates."""

from tinytext.parser import parse


class Engine:
    """Templates, with what is being shown of them."""

    def __init__(self, templates):
        self.templates = templates
        self.showing = []
        self.loops = []

    def template(self, name, scope):
        """Return the text of a template."""
        nodes = parse(name, self.templates[name])
        self.showing.append(name)
        text = self.show(nodes, scope)
        self.showing.pop()
        return text

    def show(self, nodes, scope):
        """Return the text of nodes."""
        return "".join(node.show(self, scope) for node in nodes)


def render(templates, name, data):
    """Fill a template in."""
    return Engine(templates).template(name, data)
