"""A server of canned answers that take their time, to be terminated: prints its port first."""

from __future__ import annotations

import sys
import time
from typing import Any, cast

from conftest import SAMPLE
from reportqa import api, reading
from reportqa.access import Policy
from reportqa.parsing import parse
from reportqa.schema import Answer
from scripted import ScriptedQA


class Slow(ScriptedQA):
    def ask(self, *args: Any, **kwargs: Any) -> Answer:
        time.sleep(0.5)
        return super().ask(*args, **kwargs)


if __name__ == "__main__":
    api.serve(cast(Any, Slow(parse(reading.read(SAMPLE)))), "127.0.0.1", int(sys.argv[1]), Policy())
