"""``llmbench new``: first versions of a plugin, a task or a model profile, which work as they are."""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmbench.commands.arguments import Parser
from llmbench.commands.asked_model import asked_profile
from llmbench.commands.task_languages import TASK_LANGUAGES
from llmbench.config.sources import find_sources
from llmbench.errors import UsageError
from llmbench.registry import AXES, names

_VUE = "vue"
PLUGIN_AXES = ("backend", "agent", "dataset", "validator", "tool", "monitor")
_LISTED = {
    "tool": "agent=tools 'agent.tools=[read,write,{entry},finish]'",
    "monitor": "'monitors=[{entry}]'",
}
"""How a run asks for a plugin of an axis without YAML: in a list."""
_RESERVED = re.compile(
    "boolean|case|chan|class|const|core|crate|default|else|enum|extern|fn|for|func|go|goto|if|impl|import|int"
    "|integer|interface|long|loop|main|map|match|math|mod|new|number|object|package|public|range|return|self"
    "|static|std|string|struct|switch|system|test|testing|thread|trait|type|use|var|void|while"
)
"""What files, packages and classes of some language can't be called."""
_LONGEST = 100
"""Of a name: it becomes part of longer ones of files."""
_SCAFFOLDS = Path(__file__).parent / "scaffolds"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """Files to write, by template, and what to do with them."""

    files: Mapping[str, str]
    """Template by path below the current folder."""
    words: Mapping[str, str]
    """What replaces the templates' placeholders."""
    root: str
    """The folder or file that must not exist yet."""
    advice: str


def main(argv: list[str]) -> int:
    """Write the files into the current folder."""
    parser = Parser(
        "new", "Write a first version of a plugin, a task or a model profile that works as it is."
    )
    parser.add_argument("what", metavar="kind", choices=("plugin", "task", "model"))
    parser.add_argument("name")
    parser.add_argument("--axis", choices=PLUGIN_AXES, default="backend", help="of a plugin (backend)")
    parser.add_argument(
        "--language", choices=(*TASK_LANGUAGES, _VUE), help="of a task (python); vue: one for dataset=vue"
    )
    parser.add_argument("--kind", choices=("python", _VUE), help="the same, as it was called before")
    parser.add_argument("--url", help="of a running server, to be asked for the model's profile")
    parser.add_argument("--api-key-env", default="", metavar="NAME", help="variable that holds its key")
    options = parser.parse_args(argv)
    if options.url and options.what != "model":
        raise UsageError(f"new {options.what}: --url is for new model")
    language = options.language or options.kind
    if language and options.what != "task":
        raise UsageError(f"new {options.what}: --language is for new task")
    scaffold = _scaffold(options.what, options.name, axis=options.axis, language=language or "python")
    if Path(scaffold.root).exists():
        raise UsageError(f"new {options.what}: '{scaffold.root}' is there already; nothing was written")
    asked = asked_profile(options.name, options.url, api_key_env=options.api_key_env) if options.url else ""
    for path in _write(scaffold):
        print(path)
    if asked:
        Path(scaffold.root).write_text(asked, encoding="utf-8")
    print(f"\nNext:\n{scaffold.advice}")
    return 0


def _scaffold(what: str, name: str, *, axis: str, language: str) -> Scaffold:
    if what == "plugin":
        return _plugin(name, axis)
    if what == "model":
        return _model(name)
    return _vue_task(name) if language == _VUE else _task(name, language)


def _plugin(name: str, axis: str) -> Scaffold:
    _check(name, r"[a-z][a-z0-9_-]*", "small letters, digits, - and _ that begins with a letter")
    module, root = name.replace("-", "_"), f"llmbench-{name}"
    # Models call a tool by its name, in which no server expects a dash.
    entry = module if axis == "tool" else name
    _refuse_taken("plugin", f"{axis} '{entry}'", entry in names(axis))
    package = f"{root}/src/llmbench_{module}"
    files = {
        f"{root}/pyproject.toml": "plugin/pyproject.toml",
        f"{root}/README.md": "plugin/README.md",
        f"{package}/__init__.py": "plugin/__init__.py",
        f"{package}/{axis}.py": f"plugin/{axis}.py",
        f"{root}/tests/test_{module}.py": f"plugin/test_{axis}.py",
    }
    if axis not in _LISTED:
        files[f"{package}/conf/{axis}/{name}.yaml"] = f"plugin/{axis}.yaml"
    words = _plugin_words(axis, entry, module)
    return Scaffold(
        files=files,
        words=_words(name) | words,
        root=root,
        advice=f"  pip install -e './{root}[test]'\n  pytest {root}\n  {words['TRY']}",
    )


def _plugin_words(axis: str, entry: str, module: str) -> dict[str, str]:
    has_yaml = axis not in _LISTED
    conf = f'\n[project.entry-points."llmbench.conf"]\n{entry} = "llmbench_{module}.conf"\n'
    tested_with = ["hypothesis"] * (axis == "tool") + ["psutil", "pytest"]
    return {
        "AXIS": axis,
        "GROUP": AXES[axis].removeprefix("llmbench."),
        "ENTRY": entry,
        "KNOWN": "where the class is, and where the YAML is" if has_yaml else "where the class is",
        "CONF": conf if has_yaml else "",
        "TESTED_WITH": ", ".join(f'"{package}"' for package in tested_with),
        "TRY": f"llmbench {_LISTED.get(axis, f'{axis}={{entry}}').format(entry=entry)} dry_run=true",
    }


def _task(name: str, language: str) -> Scaffold:
    _check(
        name,
        r"([a-z][a-z0-9_]*/)?[a-z][a-z0-9_]*",
        "small letters, digits and _ that begins with a letter, such as python/two_sum",
    )
    chosen = TASK_LANGUAGES[language]
    words = _words(name.rpartition("/")[2])
    if _RESERVED.fullmatch(words["WORD"]):
        raise UsageError(f"new: '{name}' is a word of {language} or its libraries; choose another")
    words |= {
        "LANGUAGE": language,
        "TOOLCHAIN": chosen.toolchain,
        "MAIN": _filled(chosen.main, words),
        "SIGNATURE": _filled(chosen.signature, words),
        "CAUGHT": chosen.caught,
        "PROTECTED": ", ".join(f'"{_filled(pattern, words)}"' for pattern in chosen.protected),
    }
    root = f"tasks/{name}"
    return Scaffold(
        files={_filled(path, words): template for path, template in chosen.files(root, language).items()},
        words=words,
        root=root,
        advice=f"  llmbench check tasks {root}\n  llmbench dataset.path=tasks",
    )


def _vue_task(name: str) -> Scaffold:
    _check(
        name, r"[a-z][a-z0-9-]*", "small letters, digits and - that begins with a letter, such as price-tag"
    )
    words = _words(name)
    root, component = f"tasks/{name}", f"src/components/{words['CLASS']}.vue"
    boilerplate = ("package.json", "tsconfig.json", "env.d.ts", "vite.config.ts", "index.html")
    return Scaffold(
        files={
            f"{root}/prompt.md": "vue/prompt.md",
            f"{root}/validation.json": "vue/validation.json",
            **{f"{root}/project/{file}": f"vue/{file}" for file in boilerplate},
            f"{root}/project/src/main.ts": "vue/main.ts",
            f"{root}/project/src/App.vue": "vue/App.vue",
            f"{root}/project/{component}": "vue/starter.vue",
            f"{root}/solution/{component}": "vue/solution.vue",
            f"{root}/tests/{name}.test.ts": "vue/test.ts",
            f"{root}/tests/types/props.ts": "vue/types.ts",
        },
        words=words,
        root=root,
        advice=f"  llmbench check tasks {root} dataset=vue\n  llmbench dataset=vue dataset.path=tasks",
    )


def _model(name: str) -> Scaffold:
    _check(
        name,
        r"[A-Za-z0-9][A-Za-z0-9._-]*",
        "letters, digits, dots, - and _ that begins with a letter or a digit",
    )
    path = f"conf/model/{name}.yaml"
    _refuse_taken(
        "model", f"model '{name}'", name in find_sources().choices("model") and not Path(path).exists()
    )
    return Scaffold(
        files={path: "model.yaml"},
        words=_words(name),
        root=path,
        advice=f"  edit {path}\n  llmbench doctor model={name}\n  llmbench model={name}",
    )


def _check(name: str, pattern: str, expected: str) -> None:
    if len(name) > _LONGEST:
        raise UsageError(f"new: expected a name of at most {_LONGEST} characters; got {len(name)} of them")
    if not re.fullmatch(pattern, name):
        raise UsageError(f"new: expected a name of {expected}; got '{name}'")
    if keyword.iskeyword(name.rpartition("/")[2]):
        raise UsageError(f"new: '{name}' is a word of Python itself and can't name a module; choose another")


def _refuse_taken(kind: str, what: str, taken: bool) -> None:
    # A second one of that name would hide the first or be hidden, and every run refuses that.
    if taken:
        raise UsageError(f"new {kind}: there is {what} already; choose another name; nothing was written")


def _words(name: str) -> dict[str, str]:
    module = re.sub(r"\W", "_", name)
    title = module.replace("_", " ").strip()
    return {
        "NAME": name,
        "MODULE": module,
        "WORD": module.replace("_", ""),
        "CLASS": "".join(part.capitalize() for part in title.split()),
        "TITLE": title.capitalize(),
    }


def _write(scaffold: Scaffold) -> list[str]:
    for path, template in scaffold.files.items():
        text = (_SCAFFOLDS / f"{template}.txt").read_text(encoding="utf-8")
        text = _filled(text, scaffold.words)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    return list(scaffold.files)


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, replacement in words.items():
        text = text.replace(f"__{word}__", replacement)
    return text
