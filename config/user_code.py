"""What the file of a user's strategy may not hold: whatever could make two replays differ.

A strategy is a fold over the log, so it reads no clock, file, network or random source. What is
not seen here (a list at the top of the file that it changes, say) shows when the strategy is run
twice on the same records: ``tickstream strategy check`` does both.
"""

import ast
from collections.abc import Iterator

MAY_IMPORT = (
    *("__future__", "collections", "dataclasses", "decimal", "enum", "fractions", "itertools"),
    *("math", "numpy", "operator", "statistics", "typing"),
    *("schemas", "streams.strategy", "streams.operators"),
)
_NOT_CALLED = ("open", "exec", "eval", "compile", "__import__", "hash", "id", "input", "globals")


def forbidden(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what is wrong and what to do) of each."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for name in _imported(node):
            if not any(name == may or name.startswith(f"{may}.") for may in MAY_IMPORT):
                yield line, f"imports {name}: a strategy may import {', '.join(MAY_IMPORT)}"
        match node:
            case ast.Attribute(attr="random") | ast.alias(name="random" | "numpy.random"):
                yield line, "uses a random source: take what varies from the feature vector"
            case ast.Global() | ast.Nonlocal():
                yield line, "changes a variable outside: keep it in view.state"
            case ast.Call(func=ast.Name(id=name)) if name in _NOT_CALLED:
                yield line, f"calls {name}(): a strategy reads params and view, nothing else"


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or "")
