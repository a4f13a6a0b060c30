"""What a tab of the chat's page beside the conversation is: a panel, its script, and the calls that the script makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from reportqa.language import Words

Call = Callable[[dict[str, Any]], dict[str, Any]]


class Tab(Protocol):
    """A tab; its label is the word ``tab_<name>``, its script and style are ``ui/<name>.js`` and ``ui/<name>.css``.

    The page loads both when the tab is opened first, and calls ``reportqaTabs.<name>(panel, kit)``.
    """

    name: str
    calls: Mapping[str, Call]
    """What its script may call on the server, by names that no other tab has."""

    def panel(self, words: Words) -> str:
        """Return the panel's HTML in a language, everything in it escaped."""
        ...
