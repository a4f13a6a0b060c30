"""Every regular expression of the product, looked at for inputs that make it take more than linear time.

    npm install --prefix /tmp/recheck recheck && python benchmarks/patterns.py /tmp/recheck

recheck (https://makenowjust-labs.github.io/recheck/, MIT) reads JavaScript's expressions, so Python's are rewritten first; its
verdicts are for texts of any length.  Printed is each one that is not safe, how it is called, and a text that shows it.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import pkgutil
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import reportqa

_CALLS = ("match", "fullmatch", "search", "sub", "subn", "finditer", "findall", "split")
_CHECK = """
const { checkSync } = require('recheck');
const asked = JSON.parse(require('fs').readFileSync(0));
console.log(JSON.stringify(asked.map(([source, flags]) => {
  const told = checkSync(source, flags, { timeout: 20000 });
  return [told.status, told.complexity ? told.complexity.summary : '', told.attack ? told.attack.pattern : '', told.error ? told.error.kind : ''];
})));
"""


def in_javascript(pattern: str, calls: set[str]) -> str:
    """Return an expression as JavaScript writes it, anchored where it is only ever matched at one place."""
    pattern = re.sub(r"\\(?P<sign>[—–·,《》\"' ])", r"\g<sign>", pattern)
    pattern = re.sub(r"\(\?P<(\w+)>", r"(?<\1>", pattern).replace("(?P=", "\\k<").replace("\\Z", "$")
    pattern = re.sub(r"(?<!\\)\\#", "#", pattern).replace("(?>", "(?:")
    pattern = re.sub(r"(?<=[*+?}])\+", "", pattern)  # possessive: JavaScript has none, so these are judged too hard
    return f"^(?:{pattern}){'$' if calls <= {'fullmatch'} else ''}" if calls <= {"match", "fullmatch"} else pattern


def compiled() -> dict[tuple[str, int], set[str]]:
    """Return the expressions of all modules, with their flags, and the names they go by."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for module in pkgutil.walk_packages(reportqa.__path__, "reportqa."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for one in (
                value if isinstance(value, (tuple, list)) else value.values() if isinstance(value, dict) else [value]
            ):
                for each in one if isinstance(one, tuple) else (one,):
                    if isinstance(each, re.Pattern):
                        found[each.pattern, each.flags].add(name)
    return found


def called() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return how each name is called anywhere, and how each expression that stands in a call is."""
    names: dict[str, set[str]] = defaultdict(set)
    inline: dict[str, set[str]] = defaultdict(set)
    for path in Path(reportqa.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Attribute)
                or node.func.attr not in _CALLS
            ):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id != "re":
                names[node.func.value.id].add(node.func.attr)
            elif isinstance(node.func.value, ast.Name) and node.args and isinstance(node.args[0], ast.Constant):
                inline[str(node.args[0].value)].add(node.func.attr)
    return names, inline


def expressions() -> Iterator[tuple[str, int, str, set[str]]]:
    """Yield each expression with its flags, its name, and how it is called; of an unknown call a search."""
    names, inline = called()
    for (pattern, flags), own in compiled().items():
        calls = set().union(*(names.get(name, set()) for name in own))
        yield pattern, flags, "/".join(sorted(own)), calls or {"search"}
    for pattern, calls in inline.items():
        yield pattern, 0, "inline", calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recheck", type=Path, help="directory where npm has put recheck")
    found = list(expressions())
    asked = [
        (in_javascript(pattern, calls), "i" if flags & re.IGNORECASE else "") for pattern, flags, _, calls in found
    ]
    done = subprocess.run(
        ["node", "-e", _CHECK], input=json.dumps(asked), capture_output=True, text=True, check=True,
        cwd=parser.parse_args().recheck,
    )  # fmt: skip
    unsafe = 0
    for (pattern, _, name, calls), (status, order, attack, error) in zip(found, json.loads(done.stdout), strict=True):
        if status != "safe":
            unsafe += 1
            print(
                f"{name} ({', '.join(sorted(calls))}): {order or status} {error}\n    {pattern[:300]}\n    {attack[:200]}"
            )
    print(f"{len(found)} expressions, {len(found) - unsafe} linear for texts of any length")


if __name__ == "__main__":
    main()
