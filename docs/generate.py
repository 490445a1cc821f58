"""Writes the pages of reference/ that say what the code says: `python -m docs.generate`; a test fails on a stale one.

The keys stand in the scripts of the app and are known once a browser has loaded them: `tests/browser/test_keys_page.py`
writes that page where `make screenshots` runs it, and else compares it.
"""

import inspect
import json
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import dictation
from dictation.case.doubtful import DoubtfulWord
from dictation.discrepancy import Discrepancy
from dictation.exam import Order
from dictation.exchange.labels import kind_labels
from dictation.exchange.outgoing import SignedReport
from dictation.findings import Claim
from dictation.lexicon.tables import rows
from dictation.reading import Reading
from dictation.report import Report
from dictation.report.template import available_templates, load_template
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.wording import Dictation
from pipelines.cli import app
from pipelines.evaluation.results import Evaluation

DOCS = Path(__file__).parent
ROUTES = DOCS.parent / "tests" / "review"
EXAMPLES = DOCS.parent / "notebooks" / "examples"  # of the Python API, each a program that the tests run
MADE = "<!-- Made by `python -m docs.generate`; change what it is made of. -->\n\n"
WIDTH = 100  # of the help texts, in characters
TYPES: tuple[type[BaseModel], ...] = (
    Order, Transcript, Dictation, Report, Claim, Reading, Discrepancy, DoubtfulWord, SignedReport, Evaluation,
)  # fmt: skip
ORDER = (
    "Dictation",
    "Differences",
    "Report",
    "Sign",
    "Case",
    "Image",
    "Page",
)  # of the keys: what is needed most first


def command_line() -> str:
    """Every command with its own help, as `--help` prints it."""
    page = [
        "# Command line\n",
        "Results go to stdout, notes and progress to stderr. The texts below are what `--help` prints.\n",
    ]
    for name, text in _helps(typer.main.get_command(app), "dictation", None):
        page += [f"## {name}\n", f"```text\n{text}\n```\n"]
    return MADE + "\n".join(page)


def _helps(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    context = command.context_class(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield (
        context.command_path,
        _without_home("\n".join(line.rstrip() for line in command.get_help(context).split("\n"))),
    )
    for each, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from _helps(inner, each, context)


def settings() -> str:
    """Every field of `Settings`: its variable, values, default and what it does."""
    lines = [
        "# Settings\n",
        "Each is a variable of the environment, and has a safe default. An empty one counts as not set. A value that"
        " cannot be used ends a command in one sentence; `dictation doctor` names it. What is not in the environment"
        " may be a file `dictation_<name>` in `CREDENTIALS_DIRECTORY` (systemd, containers): a password is better kept"
        " there.\n",
        "| variable | values | default | what it does |\n|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        told = _cell(field.description or "")
        lines.append(f"| `DICTATION_{name.upper()}` | {_cell(_values(field))} | {_cell(_default(field))} | {told} |")
    return MADE + "\n".join(lines) + "\n"


def _values(field: FieldInfo) -> str:
    bounds = {kind: getattr(one, kind) for one in field.metadata for kind in ("ge", "le") if hasattr(one, kind)}
    said = _type_name(field.annotation)
    if {"ge", "le"} <= bounds.keys():
        return f"{said}, {bounds['ge']:,} to {bounds['le']:,}"
    return f"{said}, at least {bounds['ge']:,}" if "ge" in bounds else said


def _type_name(of: Any) -> str:
    names = {str: "text", int: "number", float: "number", bool: "`1` or `0`", Path: "path", type(None): "nothing"}
    if of in names:
        return names[of]
    if typing.get_origin(of) is typing.Literal:
        return ", ".join(f"`{value}`" for value in typing.get_args(of))
    if isinstance(of, types.UnionType):
        return " or ".join(_type_name(one) for one in typing.get_args(of) if one is not type(None))
    return "secret" if getattr(of, "__name__", "") == "SecretStr" else str(of)


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, Path):
        return "in the user's own folders; `dictation doctor` names it"
    if value is None or str(value) == "":
        return "none"
    return f"`{int(value) if isinstance(value, bool) else value}`"


def spoken_commands() -> str:
    """The rows of the table of spoken commands, and of the words that take back, and the macros that come along."""
    lines = [
        "# Spoken commands\n",
        "A command is obeyed where it is the whole utterance: pause before and after it. Inside a sentence it is text,"
        " and an alert asks. A spoken “sign” signs nothing; it asks for the key. Commands may be said with “please”.\n",
        "| say | what it does | example | also |\n|---|---|---|---|",
    ]
    ways: dict[str, list[Mapping[str, str]]] = {}
    for row in rows("spoken_commands"):
        ways.setdefault(row["does"], []).append(row)
    for first, *others in ways.values():
        also = ", ".join(f"“{one['spoken']}”" for one in others if not one["source"].startswith("near sound"))
        cells = (f"“{first['spoken']}”", first["help"], f"“{first['example']}”", also)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    lines.append(
        "\nPunctuation is said by its name (“period”, “comma”, “colon”, “new line”), sections by theirs (“Findings”,"
        " “Impression”).\n"
    )
    return MADE + "\n".join(lines)


def templates() -> str:
    """The templates that come along, and what their keys mean."""
    keys = inspect.getdoc(inspect.getmodule(load_template)) or ""
    toml = re.search(r"\n\n((?:    .*\n|\n)+)", keys)
    assert toml is not None
    lines = [
        "# Templates that come along\n",
        "| name | title | normals of silent organs | headings | source |\n|---|---|---|---|---|",
    ]
    for name in available_templates():
        one = load_template(name)
        normals = "yes, where it is chosen by name" if one.default_normals else "never"
        headings = ", ".join(organ.heading for organ in one.organs)
        lines.append(f"| `{name}` | {' | '.join(map(_cell, (one.title, normals, headings, one.source)))} |")
    lines += [
        "\n## Keys of a template file\n",
        "```toml\n" + inspect.cleandoc(toml[1]) + "\n```\n",
        "`normal`, `technique` and `impression` may hold fields to be filled in: `[side: left|right]`, `[size: mm]`,"
        " `[comment: text]`. How to make your own: [templates and macros](../how-to/templates.md).\n",
    ]
    return MADE + "\n".join(lines)


def differences() -> str:
    """The kinds of differences, as alerts name them."""
    lines = [
        "# Kinds of differences\n",
        "`kind` in JSON, and the word at the head of the alert. How often each is found, and how often it is false:"
        " [measurements](../measurements.md#differences).\n",
        "| `kind` | alert | example | severity |\n|---|---|---|---|",
        *(
            f"| `{kind}` | {label.label} | {label.example} | {label.severity} |"
            for kind, label in kind_labels().items()
        ),
        "",
    ]
    return MADE + "\n".join(lines)


def json_types() -> str:
    """The types that saved JSON is made of, by their own fields."""
    page = [
        "# Types in JSON\n",
        "What [the formats](json.md) are made of. Spans are characters `[start, end)`; times are seconds; sizes are"
        " millimetres; probabilities are 0 to 1. `null` means “not stated” and contradicts nothing.\n",
    ]
    if "schema" in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        page.append("The same as JSON Schema, for programs: [`dictation schema`](command-line.md#dictation-schema).\n")
    described = {one.__name__ for one in TYPES}
    for model in TYPES:
        page += [f"## {model.__name__}\n", *_model(model, described)]
    return MADE + "\n".join(page)


def _model(model: type[BaseModel], described: set[str]) -> Iterator[str]:
    schema = model.model_json_schema(mode="serialization")
    yield f"{_prose(inspect.getdoc(model) or '')}\n"
    yield from _fields(schema)
    for name, inner in sorted(schema.get("$defs", {}).items()):
        if "properties" in inner and name not in described:
            described.add(name)
            yield f"### {name}, in {model.__name__}\n"
            if inner.get("description"):
                yield f"{_prose(inner['description'])}\n"
            yield from _fields(inner)


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    lines = ["| key | value | if left out |\n|---|---|---|"]
    required = schema.get("required", ())
    for key, value in schema["properties"].items():
        default = "required" if key in required and "default" not in value else f"`{json.dumps(value.get('default'))}`"
        lines.append(f"| `{key}` | {_cell(_json_type(value))} | {_cell(default)} |")
    yield "\n".join(lines) + "\n"


def _json_type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        return value["$ref"].rpartition("/")[2]
    for one in ("anyOf", "oneOf"):
        if one in value:
            return " or ".join(dict.fromkeys(map(_json_type, value[one])))
    if "enum" in value:
        return ", ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if value.get("type") == "array":
        inner = value.get("prefixItems")
        if inner:
            return "[" + ", ".join(map(_json_type, inner)) + "]"
        return f"list of {_json_type(value.get('items', {}))}"
    if value.get("type") == "object":
        inner = value.get("additionalProperties")
        return f"object of {_json_type(inner)}" if isinstance(inner, dict) else "object"
    return value.get("format") or value.get("type", "any")


def python_api() -> str:
    """The public names of the package with their signatures."""
    page = [
        "# Python API\n",
        "`import dictation` loads nothing heavy; each name loads what it needs on first use. How to use them:"
        " [Python](../start/python.md).\n",
    ]
    for name in sorted(dictation.__all__, key=str.lower):
        value = getattr(dictation, name)
        page.append(f"## dictation.{name}\n")
        if inspect.isclass(value):
            page.append(f"{_prose(inspect.getdoc(value) or '')}\n")
            if issubclass(value, BaseModel):
                page += _attributes(value)
        elif callable(value):
            page.append(f"```python\n{_signature(name, value)}\n```\n")
            page.append(f"{_prose(inspect.getdoc(value) or '')}\n")
        else:
            page.append("The version, as text.\n" if name == "__version__" else f"`{value!r}`\n")
    for file in sorted(EXAMPLES.glob("*.py")):
        code = file.read_text(encoding="utf-8").strip()
        page.append(f"## Example: {file.stem.replace('_', ' ')}\n\n```python\n{code}\n```\n")
    return MADE + "\n".join(page)


def _attributes(model: type[BaseModel]) -> Iterator[str]:
    lines = ["| attribute | type |\n|---|---|"]
    lines += [f"| `{name}` | `{_cell(_short(field.annotation))}` |" for name, field in model.model_fields.items()]
    yield "\n".join(lines) + "\n"


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    parts, has_star = [], False
    for one in signature.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not has_star:
            parts.append("*")
            has_star = True
        star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        has_star |= one.kind is one.VAR_POSITIONAL
        kind = "" if one.annotation is one.empty else f": {_short(one.annotation)}"
        default = "" if one.default is one.empty else f" = {_value(one.default)}"
        parts.append(f"{star}{one.name}{kind}{default}")
    returned = "" if signature.return_annotation is signature.empty else f" -> {_short(signature.return_annotation)}"
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returned}"


def _short(of: Any) -> str:
    """A type as a person writes it: without the modules of its names, and what only pydantic reads."""
    text = inspect.formatannotation(_bare(of)) if not isinstance(of, str) else of
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z_])", "", text).replace("NoneType", "None")


def _bare(of: Any) -> Any:
    origin, inner = typing.get_origin(of), typing.get_args(of)
    if origin is typing.Annotated:
        return _bare(inner[0])
    if origin is types.UnionType or origin is typing.Union:
        return reduce(or_, map(_bare, inner))
    if origin in (tuple, list, dict, frozenset):
        return origin[tuple(one if one is ... else _bare(one) for one in inner)]
    return of


def _value(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"{{{len(value)} kinds}}"
    text = repr(value)
    return text if len(text) < 40 and " at 0x" not in text else "…"


def http() -> str:
    """The routes of the app, from what schemathesis holds them to in the tests."""
    page = [
        "# HTTP\n",
        "What the app answers beside its own page and the WebSocket. The tests hold each route to this with"
        " schemathesis. Other methods: 405. The page's own script and the WebSocket are no interface: they change"
        " with the version.\n",
    ]
    for file in sorted(ROUTES.glob("*_routes.json")):
        stated = json.loads(file.read_text(encoding="utf-8"))
        page += [f"## {stated['info']['title']}\n", "| route | asks for | answers |\n|---|---|---|"]
        for path, methods in stated["paths"].items():
            for method, what in methods.items():
                page.append(f"| `{method.upper()} {path}` | {_cell(_asked(what, stated))} | {_cell(_answers(what))} |")
        page.append("")
    return MADE + "\n".join(page)


def _asked(what: Mapping[str, Any], stated: Mapping[str, Any]) -> str:
    said = []
    for one in what.get("parameters", ()):
        if "$ref" in one:
            one = stated["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        values = one.get("schema", {}).get("enum")
        said.append(f"`{one['name']}`" + (f" ({', '.join(values)})" if values else ""))
    body = what.get("requestBody", {})
    if "description" in body:
        said.append(body["description"])
    else:
        for kind, one in body.get("content", {}).items():
            said.append(f"{kind}: {', '.join(f'`{name}`' for name in one['schema'].get('properties', {}))}")
    if what.get("security"):
        said.append("`Authorization: Bearer TOKEN`")
    return "; ".join(said) or "nothing"


def _answers(what: Mapping[str, Any]) -> str:
    known = {"Ok": "text", "Sentence": "why not", "Message": "why not (`message` in JSON)", "Page": "the form"}
    said = []
    for status, answer in what["responses"].items():
        name = answer.get("$ref", "").rpartition("/")[2]
        said.append(f"{status} {answer.get('description') or known.get(name, name)}")
    return ", ".join(said)


def keys(listed: Iterable[Mapping[str, str]]) -> str:
    """The table of keys as the page itself holds it: each with `key`, `label`, `group` and perhaps `listed`."""
    groups: dict[str, dict[str, list[str]]] = {}
    for one in listed:
        names = groups.setdefault(one["group"], {}).setdefault(one["label"], [])
        if (name := one.get("listed") or one["shown"]) not in names:
            names.append(name)
    page = [
        "# Keys\n",
        "The table that the page obeys; **?** shows it there, and typing searches it. Single letters act where the"
        " focus is no field; those that decide on an alert only while an alert has the focus (**N** goes to it).\n",
    ]
    for group in sorted(groups, key=lambda name: (name not in ORDER, ORDER.index(name) if name in ORDER else 0, name)):
        page += [f"## {group}\n", "| key | what it does |\n|---|---|"]
        for label, names in groups[group].items():
            page.append(f"| {_cell(' or '.join(f'**{_escaped(name)}**' for name in names))} | {_cell(label)} |")
        page.append("")
    page.append(
        "A letter that stands twice does what its place says: alerts have theirs while an alert has the focus, the"
        " image while the image has it, the worklist while it is open. In the sign dialog **Enter** signs, **Esc**"
        " closes, and each question there shows its own keys. Where users sign in, **Alt Shift P** changes the password"
        " and **Alt Shift O** signs out.\n"
    )
    return MADE.replace("python -m docs.generate", "make screenshots") + "\n".join(page)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _prose(text: str) -> str:
    """A docstring as Markdown: single back quotes stay, indented blocks are code."""
    return re.sub(r"(?m)^(\s*)<", r"\1\\<", inspect.cleandoc(text))


def _cell(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).replace("|", "\\|").replace("<", "&lt;" if "`" not in text else "<")


def _without_home(text: str) -> str:
    return text.replace(str(Path.home()), "~")


PAGES = {
    "command-line": command_line,
    "settings": settings,
    "spoken-commands": spoken_commands,
    "templates": templates,
    "differences": differences,
    "json-types": json_types,
    "python": python_api,
    "http": http,
}


def path_of(name: str) -> Path:
    """Where a generated page stands."""
    return DOCS / "reference" / f"{name}.md"


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        path_of(name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
