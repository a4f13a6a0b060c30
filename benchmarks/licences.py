"""Every package that an installation runs with, and its licence as the package states it; ends with 1 where one is not free.

    python benchmarks/licences.py

Free are the permissive licences below, and the Mozilla Public License for packages that NOTICE names.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PERMISSIVE = re.compile(
    r"MIT(?:-CMU)?|[03]?-?(?:Clause )?BSD(?:-\d-Clause)?|0BSD|Apache|ISC|PSF-2\.0|Python Software Foundation|Zlib|CC0|BSL-1\.0|CNRI-Python"
)
WITH_NOTICE = re.compile(r"MPL|Mozilla")
NEVER = re.compile(r"GPL|SSPL|AGPL|Commons Clause|[Pp]roprietary|[Nn]on-?[Cc]ommercial|BUSL")
NOTICE = Path(__file__).parent.parent / "NOTICE"


def needed(name: str = "reportqa") -> Iterator[Distribution]:
    """Yield what is installed of a package and of all that it needs, with the extra ``reader``."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if one in seen:
            continue
        seen.add(one)
        try:
            found = distribution(one)
        except PackageNotFoundError:
            continue  # of another platform
        yield found
        for need in map(Requirement, found.requires or []):
            if need.marker is None or need.marker.evaluate({"extra": "reader" if one == name else ""}):
                waiting.append(need.name)


def licence(package: Distribution) -> str:
    """Return what a package states: an expression, else its classifiers, else the first words of a text."""
    told = package.metadata
    for expression in told.get_all("License-Expression") or []:
        return str(expression)
    classified = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    return ", ".join(classified or [text.strip().split("\n")[0] for text in told.get_all("License") or []])


def main() -> None:
    notice = NOTICE.read_text(encoding="utf-8")
    wrong = 0
    for package in sorted(needed(), key=lambda one: one.name.lower()):
        stated = licence(package)
        named = re.search(rf"\b{re.escape(package.name)}\b", notice, re.IGNORECASE) is not None
        free = not NEVER.search(stated) and (named if WITH_NOTICE.search(stated) else bool(PERMISSIVE.search(stated)))
        wrong += not free
        print(
            f"{'' if free else 'NOT FREE, OR NOT IN NOTICE: '}{package.name} {package.version}: {stated or 'not stated'}"
        )
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
