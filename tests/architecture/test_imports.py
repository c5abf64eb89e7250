"""Dependencies point inwards: schemas ← streams/operators ← hosts ← connectors, sinks ← console."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LAYERS = {
    "schemas": {"schemas"},
    "streams": {"schemas", "streams"},
    "config": {"config", "schemas", "streams"},
    "connectors": {"connectors", "schemas", "streams"},
    "sinks": {"sinks", "schemas", "streams"},
    "research": {"research", "connectors", "schemas", "streams"},
    "console": {"console", "config", "connectors", "research", "schemas", "sinks", "streams"},
}
OPERATORS_MAY_IMPORT = {
    "collections",
    "dataclasses",
    "decimal",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "hmac",
    "math",
    "operator",
    "typing",
    "numba",
    "numpy",
    "river",
    "schemas",
}
# What brings models back from a snapshot names the classes that they are made of, and uses no more.
ALSO = {
    "streams/operators/features/models/graph.py": (
        *("builtins", "copyreg", "functools", "random", "statistics", "types"),
    )
}
OWN_FAMILY = (
    *("streams.operator", "streams.operators", "streams.canonical"),
    *("streams.kernels", "streams.kernel_pointers", "streams.partitions"),
)


def modules(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.py")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_packages_import_only_what_lies_inside() -> None:
    for package, allowed in LAYERS.items():
        for path in modules(package):
            ours = {name.split(".")[0] for name in imported(path)} & set(LAYERS)
            assert ours <= allowed, f"{path.relative_to(ROOT)} imports {ours - allowed}"


def test_operators_import_no_clock_no_network_and_no_host() -> None:
    for path in modules("streams/operators"):
        for name in imported(path):
            own = name.startswith(OWN_FAMILY) or name == "streams"
            also = ALSO.get(str(path.relative_to(ROOT)), ())
            known = own or name.split(".")[0] in {*OPERATORS_MAY_IMPORT, *also}
            assert known, f"{path.relative_to(ROOT)} imports {name}"


def test_operators_use_no_global_randomness_no_hash_and_no_sets() -> None:
    for path in modules("streams/operators"):
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Attribute):
                assert node.attr != "random", f"{where} uses a random source"
            if isinstance(node, ast.Name):
                assert node.id != "hash", f"{where} uses hash()"
            assert not isinstance(node, ast.Set | ast.SetComp), f"{where} makes a set"


def test_there_is_no_import_cycle() -> None:
    graph = {}
    for package in LAYERS:
        for path in modules(package):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            graph[name.removesuffix(".__init__")] = path
    edges = {
        name: {found for found in top_level(path) if found in graph and found != name}
        for name, path in graph.items()
    }
    done: set[str] = set()
    for start in edges:
        visit(start, edges, done, [])


def top_level(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def visit(name: str, edges: dict[str, set[str]], done: set[str], trail: list[str]) -> None:
    assert name not in trail, " → ".join([*trail[trail.index(name) :], name])
    if name not in done:
        for following in sorted(edges[name]):
            visit(following, edges, done, [*trail, name])
        done.add(name)
