import unittest

import tinytext


def show(source, more=None, **data):
    return tinytext.render({"t": source, **(more or {})}, "t", data)


class Cases(unittest.TestCase):
    def wrong(self, source, line=1, template="t", more=None, **data):
        with self.subTest(source), self.assertRaises(tinytext.TemplateError) as caught:
            show(source, more, **data)
        with self.subTest(source):
            self.assertEqual(list(caught.exception.args[:2]), [template, line])


class Tags(Cases):
    def test_what_it_did_before(self):
        self.assertEqual(
            show("a {{ b.c.1 }} {%if b%}x{%end%}{% if d.e %}y{% end %}", b={"c": [1, 2]}), "a 2 x"
        )
        self.assertEqual(show("{ } %} }} {", a=1), "{ } %} }} {")
        self.wrong("\n{{ a.b }}", 2, a={})
        self.wrong("{{ a.2 }}", a=[1, 2])
        self.wrong("x\n{% if a %}", 2, a=1)

    def test_comments(self):
        self.assertEqual(show('a{# "{{ x }} {% y #}b#}{#- c -#} d'), "ab#}d")
        self.assertEqual(show("a{##}b{# \n #}"), "ab")

    def test_unclosed_tags(self):
        for source in ("a\n{{ a", "\n{% if a }}", "\n{# }} %}", '\n{{ "a }} b', '\n{{ a | default("\\") }}'):
            self.wrong(source, 2, a=1)

    def test_quotes_hold_anything(self):
        self.assertEqual(show(r'{{ "}} | %} \" \\ \n#}" | raw }}'), '}} | %} " \\ \n#}')
        self.assertEqual(show('{% if "%}" %}a{% end %}{{ "\n" }}'), "a\n")
        self.assertEqual(show(r'{{ "\\" }}{{ a | join("\\n") }}', a=[1, 2]), "\\1\\n2")
        for source in (r'{{ "\t" }}', r'{{ a | default("\x41") }}', r'{% include "\u" %}'):
            self.wrong(source, a=1)

    def test_cutting_white_space(self):
        self.assertEqual(show(" \n{{ 1 }} \n"), " \n1 \n", "nothing is cut")
        self.assertEqual(show("a {{-b-}} c", b=1), "a1c")
        self.assertEqual(show("a \n\n \t{{- 1 -}}\t \n \n b"), "a \n1 \n b")
        self.assertEqual(show("a \n{%- if 1 -%}\n\nb\n \n{%- end %} c"), "a \nb\n  c")
        self.assertEqual(show("a  {{- 1 }} {{ 2 -}}  b"), "a1 2b")
        self.assertEqual(show("{{ 1 -}} \n {{- 2 }}"), "12")
        self.assertEqual(show("{{ 1 -}} \n{{ 2 }}\nx"), "12\nx")
        self.assertEqual(show("a\r\n{{- -5 }}"), "a\r-5")
        self.assertEqual(show("a\u00a0{{- 1 -}}\u00a0"), "a\u00a01\u00a0")

    def test_white_space_within_tags(self):
        self.assertEqual(show("{{\na\n|\tpad\n(\n3\n)\n}}{%if\nnot\na%}{%else%}b{%\nend\n%}", a=1), "  1b")
        self.assertEqual(show("{%for\nx\nin\na%}{{x}}{%end%}", a=[1, 2]), "12")
        self.assertEqual(show('{%if not""%}a{%end%}{%if"b"%}b{%end%}'), "ab")
        self.wrong("a\n{% if a %}{{\n\nb\n}}{% end %}", 2, a=1)


class Expressions(Cases):
    def test_values_are_shown_and_escaped(self):
        self.assertEqual(
            show("{{ a }}{{ b }}{{ c }}{{ d }}|{{ 007 }}{{ -3 }}", a=0, b=True, c=False, d=None), "0yesno|7-3"
        )
        self.assertEqual(
            show("<'{{ a }}'>", a='<a href="x">&amp;\''), "<'&lt;a href=&quot;x&quot;&gt;&amp;amp;&#39;'>"
        )
        self.wrong("{{ a }}", a=[])
        self.wrong("{{ a }}", a={})

    def test_raw(self):
        self.assertEqual(
            show("{{ a | raw }}{{ a | upper | raw }}{{ true | raw }}", a="<b>", true=True), "<b><B>yes"
        )
        self.wrong("{{ a | raw | upper }}", a="b")
        self.wrong("{% if a | raw %}{% end %}", a="b")
        self.wrong("{% for x in a | raw %}{% end %}", a=[])

    def test_text_filters(self):
        self.assertEqual(
            show("{{ a | upper }}{{ a | lower }}[{{ a | trim | lower }}]", a=" Äb\n"), " ÄB\n äb\n[äb]"
        )
        for name in ("upper", "lower", "trim"):
            for value in (5, True, None, ["a"]):
                self.wrong("{{ a | %s }}" % name, a=value)
            self.wrong("{{ b | %s }}" % name)

    def test_default(self):
        self.assertEqual(show('{{ a.b.c | default("x") }}{{ b | default(c.0) }}', b=None, c=[7]), "x7")
        self.assertEqual(
            show("{{ a | default(1) }}{{ b | default(1) }}{{ c | default(1) }}", a="", b=0, c=False), "0no"
        )
        self.assertEqual(show("{% for x in a | default(b) %}{{ x }}{% end %}", b=[1, 2]), "12")
        self.wrong("{{ a | default(b) }}")
        self.wrong("{{ a | upper | default(1) }}")
        self.wrong("{{ a | default(b) }}", a=1)

    def test_join_and_count(self):
        self.assertEqual(show('{{ a | join("<") }}', a=["&", 1, None, True]), "&amp;&lt;1&lt;&lt;yes")
        self.assertEqual(
            show('{{ a | join(s) | upper }}|{{ b | join("") }}', a=["p", "q"], b=[], s=", "), "P, Q|"
        )
        self.assertEqual(
            show("{{ a | count }}{{ b | count }}{{ c | count }}", a="äö", b=[1], c={"x": 1, "y": 2, "z": 3}),
            "213",
        )
        for source in (
            '{{ a | join(",") }}',
            "{{ b | join(1) }}",
            '{{ c | join(",") }}',
            "{{ n | count }}",
            '{{ d | join(",") }}',
        ):
            self.wrong(source, a="text", b=[1], c=[[1]], n=5, d={})

    def test_pad(self):
        self.assertEqual(show('[{{ "" | pad(1) }}]'), "[ ]")
        self.assertEqual(
            show("{{ a | pad(4) }}|{{ a | pad(-4) }}|{{ a | pad(1) }}|{{ a | pad(0) }}|", a="<b"),
            "  &lt;b|&lt;b  |&lt;b|&lt;b|",
        )
        self.assertEqual(show("{{ 12 | pad(n) }}{{ b | pad(5) | upper }}", n=3, b=False), " 12   NO")
        for source in ('{{ 1 | pad("4") }}', "{{ 1 | pad(b) }}", "{{ l | pad(4) }}"):
            self.wrong(source, b=True, l=[])

    def test_mistakes_of_grammar(self):
        for source in (
            *(
                "{{ }}",
                "{{ a b }}",
                "{{ a | }}",
                "{{ | upper }}",
                "{{ a || upper }}",
                "{{ a | nothing }}",
                "{{ a | upper() }}",
            ),
            *(
                "{{ a | upper(1) }}",
                "{{ a | default }}",
                "{{ a | default(1, 2) }}",
                "{{ a | default(1,) }}",
                "{{ a | pad(3 }}",
            ),
            *(
                "{{ a. }}",
                "{{ .a }}",
                "{{ 1a }}",
                "{{ a.-1 }}",
                "{{ a | pad(1 2) }}",
                "{{ ä }}",
                "{{ a.ä }}",
                "{{ 'a' }}",
                "{{ +1 }}",
            ),
            *('{{ "a" "b" }}', "{{ a | pad(b | count) }}", "{{ a.1b }}", "{{ \u0661 }}"),
        ):
            self.wrong(source, a="x", b=1)


class Statements(Cases):
    def test_a_list_with_commas(self):
        source = """{% for p in people -%}
  {{ loop.index }}. {{ p.name | default("?") | upper }}{% if not loop.last %};{% end %}
{% else %}nobody{% end -%}
"""
        self.assertEqual(show(source, people=[{"name": "Ann & Bo"}, {}]), "  1. ANN &amp; BO;\n  2. ?\n")
        self.assertEqual(show(source, people=[]), "nobody")

    def test_if_else_not(self):
        source = "{% if a %}1{% else %}2{% end %}{% if not a %}3{% else %}4{% end %}{% if not a %}5{% end %}"
        for value in (False, None, 0, "", [], {}):
            self.assertEqual(show(source, a=value), "235", value)
        for value in (True, -1, "0", [0], {"x": 0}):
            self.assertEqual(show(source, a=value), "14", value)
        self.assertEqual(show(source), "235", "missing")
        self.assertEqual(show("{% if a | count %}1{% else %}2{% end %}", a=[]), "2")
        source = "{% if a %}1{% else %}{% if b %}2{% else %}3{% end %}{% end %}"
        self.assertEqual([show(source, b=value) for value in (0, 1)], ["3", "2"])
        self.wrong("{% if a | count %}{% end %}")

    def test_for_over_lists_and_dictionaries(self):
        self.assertEqual(show("{% for x in a %}{{ x.n }},{% end %}", a=[{"n": 2}, {"n": 1}]), "2,1,")
        self.assertEqual(show("{% for k in a %}{{ k }}{% end %}", a={"b": 1, "a": 2, "C": 3}), "Cab")
        source = "{% for x in a %}x{% else %}{{ x }}{{ loop }}{% end %}"
        self.assertEqual(show(source, a=[], x="out", loop="er"), "outer")
        self.assertEqual(show(source, a={}, x="out", loop="er"), "outer")
        self.assertEqual(show(source, a=[1, 2], x="out", loop="er"), "xx")
        self.assertEqual(show("{% for x in a %}x{% end %}", a=[]), "")
        for value in ("text", 5, None, True):
            self.wrong("\n{% for x in a %}{% else %}{% end %}", 2, a=value)
        self.wrong("{% for x in b %}{% else %}{% end %}")

    def test_loop_and_its_outer(self):
        source = "{% for x in a %}{{ loop.index }}{{ loop.first }}{{ loop.last }} {% end %}"
        self.assertEqual(show(source, a=[5, 5, 5]), "1yesno 2nono 3noyes ")
        source = "{% for x in a %}{% for y in x %}{{ loop.outer.index }}{{ loop.index }}{{ loop.outer.outer.index | default(0) }} {% end %}{% end %}"
        self.assertEqual(show(source, a=[[1, 1], [1]], loop={"outer": 9}), "110 120 210 ")
        source = "{% for x in a %}{% for y in x %}{% for z in y %}{{ loop.outer.index }}{{ loop.outer.outer.index }} {% end %}{% end %}{% end %}"
        self.assertEqual(show(source, a=[[[1]], [[1], [1]]]), "11 12 22 ")
        self.assertEqual(
            show("{% for x in a %}{% if loop.outer %}1{% else %}0{% end %}{% end %}", a=[1], loop=8), "0"
        )

    def test_names_of_a_loop_end_with_it(self):
        source = "{% for x in a %}{% for x in b %}{{ x }}{% end %}{{ x }}{{ loop.index }}{% end %}{{ x }}{{ loop }}"
        self.assertEqual(show(source, a=[1, 2], b=[8, 9], x="x", loop="l"), "89118922xl")
        self.wrong("{% for x in a %}{% end %}\n{{ x }}", 2, a=[1])
        self.wrong("{% for x in a %}{% end %}\n{{ loop.index }}", 2, a=[1])
        data = {"x": 1, "a": [2]}
        self.assertEqual(show("{% for x in a %}{% end %}{{ x }}", **data), "1")

    def test_include(self):
        more = {
            "p": "[{{ x }}{{ loop.index }}{% for x in b %}{{ loop.outer.index }}{% end %}]",
            "q": "{{ y\n}}",
            "r": '\n\n{% include "q" %}',
        }
        self.assertEqual(
            show('{% for x in a %}{% include "p" %}{% end %}', more, a=[5, 6], b=[0]), "[511][622]"
        )
        self.assertEqual(show('{% include "q" %}{% include "q" %}', more, y="<"), "&lt;&lt;")
        self.wrong('\n{% include "r" %}', 1, "q", more)
        self.wrong('\n{% include "none" %}', 2, more=more)
        self.assertEqual(show('{% if a %}{% include "none" %}{% end %}'), "")
        self.wrong('{% include "t" %}')
        self.wrong('{% include "u" %}', 2, "v", {"u": '{% include "v" %}', "v": '\n{% include "u" %}'})
        for source in (
            "{% include p %}",
            "{% include %}",
            '{% include "p" "q" %}',
            '{% include "p" | upper %}',
        ):
            self.wrong(source, more=more, p="p")

    def test_mistakes_of_statements(self):
        for source in (
            *(
                "{% %}",
                "{% while a %}{% end %}",
                "{% if %}{% end %}",
                "{% if not %}{% end %}",
                "{% if a b %}{% end %}",
                "{% end %}",
            ),
            *(
                "{% else %}",
                "{% if a %}{% else %}{% else %}{% end %}",
                "{% if a %}{% if a %}{% else %}{% else %}{% end %}{% end %}",
                "{% if a %}{% end a %}",
                "{% if a %}{% else a %}{% end %}",
            ),
            *(
                "{% for %}{% end %}",
                "{% for x %}{% end %}",
                "{% for x in %}{% end %}",
                "{% for 1 in a %}{% end %}",
                "{% for x of a %}{% end %}",
            ),
            *(
                "{% for x.y in a %}{% end %}",
                "{% for loop in a %}{% end %}",
                "{% for x, y in a %}{% end %}",
                "{% IF a %}{% end %}",
            ),
        ):
            self.wrong(source, a=[1])

    def test_the_first_mistake_of_form_is_told_before_anything_is_shown(self):
        self.wrong("{{ missing }}\n{% if no %}\n{{ a | nothing }}{% end %}", 3)
        self.wrong("{% if a %}\n{% for x in a %}\n{% end %}", 1, a=[])
        self.wrong("{% if a %}\n{% for x in a %}\n", 2, a=[])
        self.wrong("{% if a %}\n{{ | }}", 2, a=[])
        self.wrong('{% if no %}{% include "p" %}{% end %}\n{{ a | upper(1) }}', 2, more={"p": "{{"})
        self.wrong('{{ a }}{% include "p" %}', 1, "p", {"p": "{% if a %}"}, a=1)


if __name__ == "__main__":
    unittest.main()
