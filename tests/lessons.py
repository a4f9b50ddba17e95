"""What of a page's visible code is the lesson, and what only draws or prepares."""

import ast
import re
from pathlib import Path

from sphinx_gallery.py_source_parser import split_code_and_text_blocks

IGNORED = re.compile(
    r"^# sphinx_gallery_start_ignore\n.*?^# sphinx_gallery_end_ignore\n?", re.M | re.S
)
TYPED = {"d2l_ch7", "numpy", "torch"}  # what a reader types first
PREPARES = {"json", "files", "open", "warnings", "time", "io", "base64", "Path", "print"}


def visible_code(script: Path) -> list[str]:
    """The code that a reader sees without opening anything: a string a block."""
    _, blocks = split_code_and_text_blocks(str(script))
    shown, solving = [], False
    for kind, content, *_ in blocks:
        if kind == "text":
            marks = re.findall(r"^\.\. (exercise|endexercise)::", content, re.M)
            solving = marks[-1] == "exercise" if marks else solving
            continue
        content = IGNORED.sub("", content).strip("\n")
        content = re.sub(r"^# sphinx_gallery_.*\n?", "", content, flags=re.M)
        if content.strip() and not solving and not content.startswith("# plotting code\n"):
            shown.append(content)
    return shown


def code_lines(code: str) -> list[int]:
    """The numbers of the lines that are neither blank nor a comment."""
    lines = enumerate(code.splitlines(), start=1)
    return [i for i, line in lines if line.strip() and not line.lstrip().startswith("#")]


def imported(node: ast.AST) -> set[str]:
    """The packages that a statement imports from."""
    if isinstance(node, ast.ImportFrom):
        return {node.module.split(".")[0]}
    return {a.name.split(".")[0] for a in node.names} if isinstance(node, ast.Import) else set()


def names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def statements(body):
    """Simple statements, and the heads of compound ones."""
    for node in body:
        inner = [getattr(node, field, []) for field in ("body", "orelse", "finalbody", "handlers")]
        if any(inner):
            first = min(n.lineno for part in inner for n in part)
            yield node, range(node.lineno, first)
            for part in inner:
                yield from statements(part)
        else:
            yield node, range(node.lineno, node.end_lineno + 1)


def lesson_share(blocks: list[str]) -> tuple[int, int]:
    """How many lines are the lesson, of how many that are visible."""
    axes, lesson, visible = {"plt", "plotting"}, 0, 0
    for code in blocks:
        lines = code_lines(code)
        visible += len(lines)
        other = set()
        for node, where in statements(ast.parse(code).body):
            head = node if not hasattr(node, "body") else getattr(node, "iter", None)
            used = names(head) if head is not None else set()
            trains = "train_" in (ast.unparse(head) if head is not None else "")
            draws = bool(used & axes) and not trains
            if draws and isinstance(node, ast.Assign):
                axes |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if draws or used & PREPARES or imported(node) - TYPED:
                other |= set(where)
        lesson += len([i for i in lines if i not in other])
    return lesson, visible
