"""Change the core modules in one place at a time and count the changes that their tests notice; prints Markdown.

    pip install -c constraints.txt -r benchmarks/requirements-mutants.txt
    python benchmarks/mutants.py                      # the core; of a module with more mutants a fixed sample
    python benchmarks/mutants.py parsing --sample 0   # every mutant of one module
    python benchmarks/mutants.py text --show          # with the changes that nothing noticed
    python benchmarks/mutants.py text --only 'reportqa.text.x_fold*'   # some of them

mutmut makes the mutants, of functions without decorators, and runs for each the tests that reach its function, in a
process forked from one in which the model and the sample's index are loaded. A module's tests are those of TESTS.
A mutant that nothing noticed either changes nothing that can be seen, or shows a test that is missing. What mutmut
writes stays in build/mutants/MODULE: `mutmut show NAME` and `mutmut browse` work there.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parent.parent
MUTMUT = Path(sys.executable).parent / "mutmut"
CORE = ("text", "parsing", "answering", "claims", "copies", "verification")
TESTS = {
    "text": ["test_text.py"],
    "lines": ["test_parsing.py", "test_shapes.py"],
    "headings": ["test_parsing.py", "test_shapes.py"],
    "parsing": ["test_parsing.py", "test_shapes.py"],
    "facts": ["test_facts.py"],
    "answering": ["test_answering.py"],
    "judgement": ["test_verification.py"],
    "claims": ["test_claims.py", "test_verification.py"],
    "copies": ["test_copies.py", "test_verification.py"],
    "verification": ["test_verification.py"],
}
SLOW = ("test_time_grows_with_the_length_only", "test_mutants_of_the_sample_are_caught_and_copies_are_not_accused")
"""Tests that measure rather than look, and take longer than all others together."""
NOTICED = ("killed", "timeout", "segfault")
"""A mutant that does not end is noticed; on a busy machine, look whether those counted so are loops."""
_SETTINGS = """\
[mutmut]
source_paths = src
only_mutate = src/reportqa/{module}.py
also_copy =
    benchmarks
    docs
    training
pytest_add_cli_args_test_selection =
    {tests}
    --deselect={slow}
pytest_add_cli_args =
    -p
    no:cacheprovider
    -p
    no:schemathesis
    -p
    no:cov
track_dependencies = false
timeout_multiplier = 10
timeout_constant = 3
"""
_MEMORY = 8 << 30
"""A mutant that fills memory in an endless loop is to fail, not the machine."""


def names_of(module: str) -> list[str]:
    """Return the names of all mutants of a module."""
    path = ROOT / "src" / "reportqa" / f"{module}.py"
    made = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
    return [f"reportqa.{module}.{name}" for name in made.mutant_names]


def mutmut(directory: Path, *arguments: str) -> str:
    """Run a command of mutmut and return what it prints; raises CalledProcessError where the unchanged program fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REPORTQA_")}
    environment |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": str(directory / "src")}
    done = subprocess.run(
        [MUTMUT, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        done.check_returncode()
    return done.stdout


def prepared(module: str) -> Path:
    """Return an empty directory in which mutmut sees the project and the settings of one module."""
    directory = ROOT / "build" / "mutants" / module
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for name in ("src", "tests", "benchmarks", "docs", "training", "pyproject.toml"):
        (directory / name).symlink_to(ROOT / name)
    tests = "\n    ".join(f"tests/{name}" for name in TESTS[module])
    deselected = [f"tests/{name}::{slow}" for name in TESTS[module] for slow in SLOW]
    settings = _SETTINGS.format(module=module, tests=tests, slow="\n    --deselect=".join(deselected))
    (directory / "setup.cfg").write_text(settings, encoding="utf-8")
    return directory


def changed(directory: Path, name: str) -> str:
    """Return the lines that a mutant changes, before and after."""
    with contextlib.chdir(directory):
        lines = get_diff_for_mutant(name, path=f"src/reportqa/{directory.name}.py").splitlines()
    return "\n".join(line for line in lines if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(TESTS)}; none: {', '.join(CORE)}")
    parser.add_argument("--sample", type=int, default=150, help="mutants of a module at most; 0: all (default 150)")
    parser.add_argument("--seed", type=int, default=1, help="which sample (default 1)")
    parser.add_argument("--only", nargs="*", default=["*"], help="mutants whose names fit one of these patterns")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side (default 1)")
    parser.add_argument("--show", action="store_true", help="print the changes that nothing noticed")
    options = parser.parse_args()
    if unknown := set(options.modules) - set(TESTS):
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}: TESTS has {', '.join(TESTS)}")
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    print("| module | mutants | tried | noticed | by their time | share |\n|---|---|---|---|---|---|", flush=True)
    missed: list[tuple[Path, str, str]] = []
    for module in options.modules or CORE:
        every = names_of(module)
        tried = [name for name in every if any(fnmatch(name, pattern) for pattern in options.only)]
        if 0 < options.sample < len(tried):
            chance = random.Random(options.seed)  # noqa: S311
            tried = sorted(chance.sample(tried, options.sample), key=every.index)
        directory = prepared(module)
        mutmut(directory, "run", "--max-children", str(options.jobs), *tried)
        lines = mutmut(directory, "results", "--all", "true").splitlines()
        results = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
        counts = Counter(results[name] for name in tried)
        noticed = sum(counts[how] for how in NOTICED)
        figures = [len(every), len(tried), noticed, counts["timeout"], f"{noticed / len(tried):.2f}"]
        print(f"| {module} | {' | '.join(map(str, figures))} |", flush=True)
        missed += [(directory, name, results[name]) for name in tried if results[name] not in NOTICED]
    print()
    for directory, name, how in missed:
        print(f"{how}: {name}")
        if options.show:
            print(changed(directory, name))


if __name__ == "__main__":
    main()
