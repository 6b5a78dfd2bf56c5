"""The picture in ARCHITECTURE.md is true: imports point one way, tables equal files, tests mirror sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

from menura.extras import EXTRAS
from menura.models import FAMILIES, OPTIONS, RECIPES
from menura.tasks import TASKS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "menura"
TESTS = ROOT / "tests"

LEAVES = {"compiled", "extras", "files", "kinds", "progress"}
MEDIA = {"audio", "text", "score"} | LEAVES
MODELS = {"nn", "models", "checkpoint"} | MEDIA
TRAINING = {"data", "metrics", "train", "recipes"} | MODELS
TASKS_AND_BELOW = {"sidecar", "synth", "tasks"} | TRAINING

MAY_IMPORT = {
    "compiled": set(),
    "extras": set(),
    "files": set(),
    "kinds": set(),
    "progress": set(),
    "audio": LEAVES,
    "score": {"audio"} | LEAVES,
    "synth": {"audio"} | LEAVES,
    "text": {"score"} | LEAVES,
    "nn": MEDIA,
    "models": {"nn"} | MEDIA,
    "checkpoint": {"models"} | LEAVES,
    "data": MEDIA,
    "metrics": MEDIA,
    "train": MODELS | {"data", "metrics"},
    "recipes": TRAINING,
    "sidecar": LEAVES,
    "tasks": TASKS_AND_BELOW,
    "app": TASKS_AND_BELOW,
    "__init__": {"audio", "score", "checkpoint", "progress", "tasks", "train", "app"},
    "__main__": {"app"},
}
"""Part of the package -> the parts it may import, itself aside."""
RECIPE = re.compile(r"menura\.models\.\w+\.(recipe|options)")
"""These stand in the folders of families, and are the part "recipes": what else is there may not import them."""
NAMES_RECIPES = "menura.models"
"""The table, which imports nothing."""

OPTIONAL_EXTRAS = {"tqdm", *chain.from_iterable(EXTRAS.values())}
WHERE_EXTRAS_ARE_NEEDED = {"menura.app.server": {"fastapi", "prometheus_client", "starlette", "uvicorn"}}
"""Folders that do nothing without an extra, and that only whoever has it comes to."""
WITHOUT_TORCH = {"audio", "text", "score", "synth", "sidecar", "tasks", "app", "__init__", "__main__"} | LEAVES
USES_TORCH = {"menura.audio.spectrogram"}
TESTS_OF_THE_WHOLE = {
    *(
        "test_architecture.py",
        "test_deploy.py",
        "test_devices.py",
        "test_docs.py",
        "test_frames.py",
        "test_seeds.py",
        "test_set_up.py",
    ),
    *("test_studio.py", "test_toy_family.py"),
}


@dataclass(frozen=True)
class Import:
    module: str
    inside_function: bool
    for_types_only: bool


def each(things: Iterable[Any]) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """A decorator: one test of all things, which names every one that fails."""

    def decorate(check: Callable[[Any], None]) -> Callable[[], None]:
        def test() -> None:
            complaints = []
            for thing in things:
                try:
                    check(thing)
                except AssertionError as error:
                    complaints.append(f"{thing}: {error}")
            assert not complaints, "\n".join(complaints)

        return test

    return decorate


@cache
def modules() -> list[str]:
    names = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        names.append(".".join(("menura", *parts)).removesuffix(".__init__") if len(parts) > 1 else f"menura.{parts[0]}")
    return names


def path_of(module: str) -> Path:
    path = SOURCE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def part_of(module: str) -> str:
    if RECIPE.fullmatch(module):
        return "recipes"
    return module.split(".")[1] if "." in module else "__init__"


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(_walk(tree(module), False, False))


def _walk(node: ast.AST, inside_function: bool, for_types_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = inside_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        types = for_types_only or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING")
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, inside, types) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield from (Import(_imported(child.module or "", alias.name), inside, types) for alias in child.names)
        yield from _walk(child, inside, types)


def _imported(module: str, name: str) -> str:
    """The module that ``from module import name`` imports: ``module.name`` where that is one."""
    inner = f"{module}.{name}"
    return inner if module.split(".")[0] == "menura" and path_of(inner).exists() else module


@each(modules())
def test_imports_point_one_way(module):
    own = part_of(module)
    for imported in imports(module):
        if imported.module.split(".")[0] == "menura":
            part = part_of(imported.module)
            assert part == own or part in MAY_IMPORT[own], f"{module} imports {imported.module}"


@each(modules())
def test_what_is_resolved_by_name_points_the_same_way(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and re.fullmatch(r"menura\.[\w.]+:\w+", str(node.value)):
            target = str(node.value).partition(":")[0]
            assert path_of(target).exists(), f"{module} names {node.value}"
            part, own = part_of(target), "recipes" if module == NAMES_RECIPES else part_of(module)
            assert part in MAY_IMPORT[own] | {own}, f"{module} names {node.value}"


def test_no_import_runs_in_a_circle():
    graph = {module: {found.module for found in imports(module) if found.module in modules()} for module in modules()}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


@each(modules())
def test_only_optional_extras_are_imported_inside_functions(module):
    for imported in imports(module):
        name = imported.module.split(".")[0]
        assert not imported.inside_function or name in OPTIONAL_EXTRAS, f"{module} hides an import of {name}"
        needed = WHERE_EXTRAS_ARE_NEEDED.get(module.rpartition(".")[0], set())
        assert imported.inside_function or name not in OPTIONAL_EXTRAS - needed, f"{module} cannot do without {name}"


@each([module for module in modules() if module.startswith("menura.models")])
def test_a_family_never_imports_another(module):
    own = module.split(".")[2:3]
    imported = {found.module.split(".")[2] for found in imports(module) if found.module.startswith("menura.models.")}
    assert imported <= set(own)


def test_parts_in_nn_are_those_that_families_share():
    """Directly or through another part; what one family alone has stands in its folder."""
    parts = {module for module in modules() if module.startswith("menura.nn.")}
    families = {part: {family for family in FAMILIES if part in _parts_of(family)} for part in parts}
    assert not {part for part in parts if len(families[part]) < 2}


def _parts_of(family: str) -> set[str]:
    found, waiting = set(), [module for module in modules() if module.startswith(f"menura.models.{family}.")]
    while waiting:
        parts = {one.module for one in imports(waiting.pop()) if one.module.startswith("menura.nn.")} - found
        found |= parts
        waiting += parts
    return found


def test_the_table_of_families_is_the_files():
    families = {module.split(".")[2] for module in modules() if module.startswith("menura.models.")} - {"contract"}
    assert FAMILIES.keys() == families
    for family, reference in FAMILIES.items():
        assert reference.startswith(f"menura.models.{family}.model:")


def test_the_table_of_recipes_is_the_files():
    assert RECIPES.keys() == FAMILIES.keys() == OPTIONS.keys()
    for family, reference in RECIPES.items():
        assert reference.startswith(f"menura.models.{family}.recipe:")
    named = {reference.partition(":")[0] for reference in (*RECIPES.values(), *OPTIONS.values())}
    assert named - {"menura.train.options"} == {module for module in modules() if part_of(module) == "recipes"}


@each(FAMILIES)
def test_every_family_and_its_recipe_have_tests(family):
    for name in ("test_model.py", "test_recipe.py"):
        assert (TESTS / "models" / family / name).exists()


def test_every_task_in_the_table_is_in_tasks():
    for reference, _ in TASKS.values():
        module = reference.partition(":")[0]
        assert module.startswith("menura.tasks.")
        assert path_of(module).exists(), module


@each([module for module in modules() if part_of(module) in WITHOUT_TORCH - {"tasks"}])
def test_notes_words_sound_and_the_faces_do_without_torch(module):
    assert module in USES_TORCH or "torch" not in reached(module)


@each([reference for reference, _ in TASKS.values()])
def test_a_task_s_declaration_does_without_torch(reference):
    assert "torch" not in reached(reference.partition(":")[0])


@each(OPTIONS.values())
def test_a_family_s_options_do_without_torch(reference):
    assert "torch" not in reached(reference.partition(":")[0])


def test_the_list_of_verbs_does_without_anything():
    outside = {name for name in reached("menura.app.cli") if not name.startswith("menura")}
    assert outside <= {"__future__", "collections", "difflib", "importlib", "os", "pkgutil", "sys", "types", "typing"}


@cache
def reached(module: str) -> frozenset[str]:
    """Names of the modules that come with importing one: those of this package in full, others by their first word."""
    found, waiting = set(), [module, "menura.__init__"]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        if not current.startswith("menura"):
            continue
        parents = current.split(".")[1:-1]
        waiting += [f"menura.{'.'.join(parents[: depth + 1])}" for depth in range(len(parents))]
        for imported in imports(current):
            if not imported.inside_function and not imported.for_types_only and imported.module != "menura":
                ours = imported.module.startswith("menura.")
                waiting.append(imported.module if ours else imported.module.split(".")[0])
    return frozenset(found)


@each(sorted(TESTS.rglob("test_*.py")))
def test_a_test_stands_where_its_source_does(path):
    place = path.relative_to(TESTS)
    if place.parts == (path.name,) and path.name in TESTS_OF_THE_WHOLE:
        return
    stem = path.stem.removeprefix("test_")
    folder = ROOT if place.parts[0] == "benchmarks" else SOURCE
    source = folder / place.parent / stem
    assert source.with_suffix(".py").exists() or (source / "__init__.py").exists(), f"nothing at {source}.py"


@each(modules())
def test_functions_and_files_stay_readable(module):
    assert max((node.end_lineno or 0 for node in tree(module).body), default=0) <= 600, f"{module} is over 600 lines"
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 60, f"{module}.{node.name} has {lines} lines"
