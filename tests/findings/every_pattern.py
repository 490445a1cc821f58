"""Every regular expression that `dictation` compiles, and how the steps of a search with it grow with the text: JSON.

Run in a process of its own (`python -m tests.findings.every_pattern`), since `re` is watched from before the first
import. A pattern is found where it is compiled: constants by reading the source, the others by importing the modules
that build one or keep what they made, calling every cached function that needs nothing, and reading texts; those of
the data files by reading the cells. `unseen` are the places in the source that none of this reached.
"""

import ast
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

SHORT = 16  # characters, or half as many longer pieces: as long as a repeat that counts as one without a bound
LINEAR, QUADRATIC = 2.7, 4.5  # growth up to which a pattern counts as one
_LIMIT = 300_000
_BURDEN = 6  # steps a character: less is no burden, and too little to tell a growth from
_CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
_HEARD = (
    "EXAM: CT chest. no pneumothorax. five point two centimeter left upper lobe nodule at L four five previously 4 mm, "
    "Lung-RADS 4A, BI-RADS 3. follow up CT in 3 months is recommended. plural effusion. ilium is normal. "
    "T12, L4 fracture."
)
_WRITTEN = (
    "EXAM: CT chest. FINDINGS: No pneumothorax. 5.2 cm right upper lobe nodule at L4-L5, previously 4 mm. LI-RADS 4. "
    "Spleen is normal.\nIMPRESSION: 1. Nodule. Follow-up CT in 3 months, discussed with Dr. Smith at 10:30 on 3/4/2024."
)
Place = tuple[str, int]  # of a file of the package, and a line
Found = dict[tuple[str, int], set[Place]]  # pattern and flags


def watched(found: Found, package: Path) -> None:
    """From here on, note what the package compiles and where."""
    compiled: Callable[..., Any] = re._compile  # type: ignore[attr-defined]

    def note(pattern: Any, flags: int) -> Any:
        result = compiled(pattern, flags)
        frame = inspect.currentframe()
        while frame and Path(frame.f_code.co_filename) in (Path(__file__), Path(re.__file__)):
            frame = frame.f_back
        if frame and isinstance(result, re.Pattern) and isinstance(result.pattern, str):
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(package):
                place = (str(file.relative_to(package)), frame.f_lineno)
                found.setdefault((result.pattern, result.flags), set()).add(place)
        return result

    re._compile = note  # type: ignore[attr-defined]


def calls(package: Path) -> Iterator[tuple[Place, str, ast.Call]]:
    """Each call of a function of `re` in the source: where, the name it is in or given to, and the call."""
    for file in package.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if not re.search(r"^\s*(?:import re\b|from re import)", text, re.MULTILINE):
            continue
        tree = ast.parse(text)
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "re"
            for alias in node.names
        }
        for top in tree.body:
            name = getattr(top, "name", None) or (ast.unparse(top.targets[0]) if isinstance(top, ast.Assign) else "")
            for node in ast.walk(top):
                if isinstance(node, ast.Call) and _is_of_re(node.func, imported):
                    yield (str(file.relative_to(package)), node.lineno), name, node


def _is_of_re(function: ast.expr, imported: set[str]) -> bool:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id == "re" and function.attr in _CALLS
    return isinstance(function, ast.Name) and function.id in imported & _CALLS


def _flags(call: ast.Call) -> int:
    """The flags that a call names."""
    named = {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()}
    return sum(int(getattr(re, name, 0)) for name in named)


def _repeats_nothing(pattern: ast.expr) -> bool:
    """Whether a pattern is written around a word without any repeat: rf"\\b{side}\\b"."""
    if not isinstance(pattern, ast.JoinedStr):
        return False
    return not any(isinstance(part, ast.Constant) and set(str(part.value)) & set("*+{") for part in pattern.values)


def exercise(modules: list[ModuleType]) -> None:
    """Make the patterns that are compiled late: by cached functions that need nothing, and by reading texts."""
    for module in modules:
        for function in list(vars(module).values()):
            is_own = hasattr(function, "cache_info") and function.__module__ == module.__name__
            if is_own and all(p.default is not p.empty for p in inspect.signature(function).parameters.values()):
                function()
    _read()


def cells(package: Path) -> Found:
    """The patterns in the data files: every cell that is written like one."""
    found: Found = {}
    repeats = re.compile(r"[*+]|\{\d*,").search
    for file in sorted(package.rglob("*.tsv")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for cell in line.split("\t") if not line.startswith("#") else ():
                if repeats(cell):
                    try:
                        key = (cell, re.compile(cell, re.IGNORECASE).flags)
                    except re.error:
                        continue  # a name with a sign in it
                    found.setdefault(key, set()).add((str(file.relative_to(package)), number))
    return found


def _read() -> None:
    from dictation.discrepancy import compare
    from dictation.discrepancy.amending import amendments
    from dictation.discrepancy.inference import INFERENCE_KINDS
    from dictation.exam import Order
    from dictation.lexicon.persons import header_names, without_persons
    from dictation.report.anonymous import Identity, redacted
    from dictation.wording.typed import typed
    from tests.case.signed_case import case_of
    from tests.wording.dictating import written

    written("right lung is clear period five by four millimeter nodule comma L four five over a twelve month period")
    order = Order.model_validate({"procedure": "CT CHEST W/O CONTRAST", "modality": "CT", "sex": "F", "age": 45})
    for heard in (_HEARD, typed(_HEARD)):
        compare(heard, _WRITTEN, order=order, kinds=INFERENCE_KINDS)
    signed, added = "Findings: Small left pleural effusion.", "There is an additional small right pleural effusion."
    amendments([case_of(signed).report], case_of(added).report)
    header_names("PATIENT: DOE, JANE\n" + _WRITTEN)
    without_persons("PATIENT: DOE, JANE\n" + _WRITTEN)
    named = {"name": "DOE^Jane", "patient_id": "MRN 00-123456", "accession": "A-0777", "birth_date": "1950-04-03"}
    redacted(_WRITTEN, Identity.of(Order.model_validate(named)))


def growth(pattern: "re.Pattern[str]", length: int = SHORT) -> float:
    """How many times the steps the worst text takes at double length: 2 is linear, 4 quadratic, 99 beyond the limit."""
    from tests.findings.backtracking import NEVER, Search, TooManySteps, hostile

    search = Search(pattern)
    if not any(search.repeats()):
        return 2.0
    worst = 2.0
    for lead, body in hostile(search):
        short, long = (lead + body * (times // min(len(body), 2)) + NEVER for times in (length, 2 * length))
        try:
            few = search.count(short, _LIMIT)
            if few * 4 < _BURDEN * len(short):
                continue  # though it grew with the third power, eightfold, it were no burden at double length
            many = search.count(long, 10 * few + _LIMIT)
        except TooManySteps:
            return 99.0
        if many > _BURDEN * len(long):
            worst = max(worst, many / few)
    return worst


def modules_of(package: Path, building: set[str]) -> list[ModuleType]:
    """The modules of files that build a pattern, and of those that keep what they made, with all that these import."""
    for file in sorted(package.rglob("*.py")):
        name = str(file.relative_to(package))
        if name in building or re.search(
            r"^\s*@(?:functools\.)?(?:lru_)?cache\b", file.read_text("utf-8"), re.MULTILINE
        ):
            try:
                importlib.import_module(
                    f"dictation.{name.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")
                )
            except ImportError as error:
                if (error.name or "").startswith("dictation"):
                    raise  # otherwise an extra that is not installed
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "dictation"]


def main() -> None:
    """Print what was found."""
    sys.setrecursionlimit(100_000)
    found: Found = {}
    package = Path(__file__).parents[2] / "dictation"
    watched(found, package)
    named: dict[Place, str] = {}
    constants: dict[Place, tuple[str, int]] = {}
    harmless: set[Place] = set()
    for place, name, call in calls(package):
        named[place] = name
        if call.args and isinstance(call.args[0], ast.Constant) and len(call.args) + len(call.keywords) <= 3:
            constants[place] = str(call.args[0].value), _flags(call)
        elif call.args and _repeats_nothing(call.args[0]):
            harmless.add(place)
    exercise(modules_of(package, {file for file, _ in named.keys() - constants.keys() - harmless}))
    reached = {place for places in found.values() for place in places}
    for place, (source, flags) in constants.items():
        if place not in reached:
            found.setdefault((source, re.compile(source, flags).flags), set()).add(place)
    for key, places in cells(package).items():
        found.setdefault(key, set()).update(places)
    slow = []
    for (source, flags), places in sorted(found.items()):
        grows = growth(re.compile(source, flags))
        if grows > LINEAR:
            at = min(places)
            slow.append({"file": at[0], "name": named.get(at, ""), "growth": round(grows, 1), "pattern": source[:200]})
    unseen = sorted((file, named[file, line]) for file, line in named.keys() - reached - constants.keys() - harmless)
    print(json.dumps({"patterns": len(found), "calls": len(named), "unseen": unseen, "slow": slow}))


if __name__ == "__main__":
    main()
