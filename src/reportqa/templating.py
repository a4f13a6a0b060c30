"""The templates of the pages: one environment in which everything that is put in is escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_THEMES = {"light": "not all", "dark": "all"}


def dark_when(theme: str | None) -> str:
    """Return the media query under which a page is dark: always, never, or by default as the visitor's system is."""
    return _THEMES.get(theme or "", "(prefers-color-scheme: dark)")


_ENVIRONMENT.globals["dark"] = dark_when(None)


def render(template: str, **values: object) -> str:
    """Return a template of the package filled with ``values``, all of them escaped."""
    return _ENVIRONMENT.get_template(template).render(**values)
