"""What an index survives: kill -9, a loss of power, a full disk; prints Markdown, or JSON (--json).

    python benchmarks/faults.py [--moments 200] [--steps 1] [--power 1] [--disk 12] [--real 12]

Commands run in processes forked from this one, which has everything loaded, with an embedder that costs next to nothing; those
of ``--real`` are the installed program with its own model.  After each fault the index must open as the old or the new state
(every file's SHA-256, every report), ``reportqa doctor`` must agree, and the next command must work and leave nothing over.

- moments: SIGKILL at random moments between the lock and the end of index, index --fresh, add and remove.
- steps: SIGKILL before every opening for writing, fsync, rename, making and removing of a file (every n-th; 0: none).
- power: at every such step, each state in which a disk may be found that keeps no more than what was flushed: of names and of
  bytes that were not, none, all, those that came, or those that went (every n-th step; 0: none).
- disk: a tmpfs with ever more room left, as many sizes; and as many limits of a file's size.  Needs to mount.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # threads would not live on in a forked process
import numpy as np

from reportqa import assistant, cli, doctor, embedding, indexing
from reportqa.embedding import Vectors
from reportqa.index import check_index, exists, open_index
from reportqa.lexical import bundled_lexicon
from reportqa.schema import IndexDirectoryError

_REMOVALS = ("os.remove", "os.rmdir")
_CHANGES = ("os.mkdir", "os.rename", *_REMOVALS)
_PAGE = 4096
_SAMPLE = Path(assistant.__file__).parent / "data" / assistant.SAMPLE
_TEXTS = {
    "平川市2022年政府工作报告.txt": "全市生产总值增长{}%，税收收入增长3%。新增就业{}万人。建设高速公路{}公里，改造老旧小区{}个。",
    "海东市2022年政府工作报告.txt": "粮食总产{}亿斤，增产3%。新建学校{}所，新增床位{}张，空气优良天数{}天。",
    "临江市2022年政府工作报告.txt": "进出口总额增长{}%。完成植树造林{}万亩，治理河道{}公里，新增企业{}家。",
}
State = str | None
"""What an index holds, as a hash; None: there is no index."""


class Hashing:
    """Gives every text a vector of its own at next to no cost."""

    name = "hashing"
    dimension = 32

    def encode_query(self, text: str) -> Vectors:
        """Return the vector of a text."""
        vector = np.frombuffer(hashlib.sha256(text.encode()).digest(), np.uint8).astype(np.float32) - 127.5
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def encode_document(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Return the vectors of texts, (texts, dimension)."""
        if progress:
            progress(len(set(texts)))
        return np.array([self.encode_query(text) for text in texts], np.float32).reshape(len(texts), self.dimension)


@dataclass
class Row:
    """A row of the table: what was done how often, what was found, and what went wrong."""

    fault: str
    command: str
    tried: int = 0
    old: int = 0
    new: int = 0
    left: int = 0
    """Faults that left something unfinished behind, all of it gone after the next command."""
    wrong: list[str] = field(default_factory=list)
    control: bool = False
    """Whether something is meant to go wrong."""


@dataclass(frozen=True)
class Command:
    """A command that writes: its name, its words, and on which of the shelves it is run."""

    name: str
    words: tuple[str, ...]
    before: str
    after: str


class Ground:
    """Reports, commands over them, and the states that these lead to, in a temporary directory."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.files = []
        for place, (name, line) in enumerate(_TEXTS.items()):
            lines = [line.format(n + 2, n + 3 + place, n + 5, n + 7) for n in range(25)]
            path = work / name
            path.write_text("\n".join(["各位代表：", "一、过去一年", *lines]) + "\n", encoding="utf-8")
            self.files.append(str(path))
        first, second, _ = self.files
        sample = str(_SAMPLE)
        self.commands: tuple[Command, ...] = (
            Command("index, the first", ("index", sample), "", "0"),
            Command("index --fresh", ("index", "--fresh", first), "0", "1"),
            Command("index, adding", ("index", second), "0", "02"),
            Command("remove", ("remove", "平川市-2022"), "01", "0"),
        )
        self._shelves = {"0": [sample], "1": [first], "2": [second], "3": [self.files[2]]}

    @cache  # noqa: B019 - one for a run
    def shelf(self, reports: str) -> Path:
        """Return a directory with an index of some reports; "" of none: an empty one."""
        directory = self.work / "shelves" / (reports or "none")
        directory.mkdir(parents=True)
        for report in reports:
            code, said = forked(["index", *self._shelves[report], "--index", str(directory)])
            assert code == 0, said
        return directory

    @cache  # noqa: B019
    def state(self, reports: str) -> State:
        """Return the state of that index."""
        return state_of(self.shelf(reports))

    def copy(self, reports: str, to: Path) -> Path:
        """Put that index into ``to``, in place of what is there."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.shelf(reports), to)
        return to


def state_of(directory: Path) -> State:
    """Return what an index holds, having read all of it; None where none is.

    Raises IndexDirectoryError where it is damaged.
    """
    if not exists(directory):
        return None
    manifest = check_index(directory)
    opened = open_index(directory, Hashing() if manifest["model"] == Hashing.name else None)
    texts = [report.to_dict() for report in opened.reports]
    held = {name: manifest[name] for name in ("model", "counts", "reports", "files")}
    sizes = [len(texts), len(opened.units), opened.matrix.shape, float(opened.matrix.sum())]
    return hashlib.sha256(json.dumps([held, texts, sizes], sort_keys=True).encode()).hexdigest()[:12]


def names_in(directory: Path) -> list[str]:
    """Return what lies in a directory but the lock."""
    return sorted(path.name for path in directory.iterdir() if path.name != ".lock") if directory.exists() else []


def started(words: Sequence[str], before: Callable[[], None], said: Path) -> int:
    """Fork a process that does ``before`` and then runs a command in a group of its own; return its number."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        with said.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        before()
        try:
            cli.main(list(words), prog_name="reportqa")
        except SystemExit as done:
            code = done.code if isinstance(done.code, int) else 70
        for act in AT_END:
            act()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        code = 70
        traceback.print_exc()
    finally:
        os._exit(code)


def forked(words: Sequence[str], before: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """Run a command in a forked process; return its exit code, negative for a signal, and what it said."""
    with tempfile.NamedTemporaryFile() as said:
        process = started(words, before, Path(said.name))
        _, status = os.waitpid(process, 0)
        return os.waitstatus_to_exitcode(status), Path(said.name).read_text(encoding="utf-8", errors="replace")


def hooked(directory: Path, act: Callable[[], None], finally_: Callable[[], None] = lambda: None) -> None:
    """Have ``act`` called in this process before every step that changes files of ``directory``, and after every fsync.

    ``finally_`` is called when the command has ended.  What these do themselves is no step.
    """
    below = str(directory)
    acting = False

    def step(action: Callable[[], None] = act) -> None:
        nonlocal acting
        if not acting:
            acting = True
            action()
            acting = False

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = given
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes and str(path).startswith(below) and not str(path).endswith(".lock"):
                step()
        elif event in _CHANGES and (str(given[0]).startswith(below) or (event in _REMOVALS and given[-1] != -1)):
            step()

    flushing = os.fsync

    def fsync(descriptor: int) -> None:
        step()
        flushing(descriptor)
        FLUSHED.append(descriptor)
        step()
        FLUSHED.clear()

    sys.addaudithook(hook)
    AT_END.append(lambda: step(finally_))
    os.fsync = fsync  # type: ignore[assignment]


FLUSHED: list[int] = []
"""The descriptor that was flushed just before this step, if one was."""
AT_END: list[Callable[[], None]] = []
"""What is done when the command of this process has ended."""


def killer(directory: Path, at: int) -> Callable[[], None]:
    """Return what has the process kill itself before its step ``at``, counted from 0."""

    def install() -> None:
        left = at

        def act() -> None:
            nonlocal left
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

        hooked(directory, act)

    return install


def judged(ground: Ground, row: Row, command: Command, directory: Path, what: str) -> None:
    """Look at an index after a fault, have the doctor look, and run the next command; note it all in ``row``."""
    row.tried += 1
    before = names_in(directory)
    try:
        found = state_of(directory)
    except IndexDirectoryError as error:
        row.wrong.append(f"{what}: {error}")
        return
    if found not in (ground.state(command.before), ground.state(command.after)):
        row.wrong.append(f"{what}: neither the old nor the new state")
        return
    shelf = command.after if found == ground.state(command.after) else command.before
    row.new += shelf == command.after
    row.old += shelf == command.before
    code, said = forked(["doctor", "--index", str(directory)])
    if code != (1 if found is None else 0):
        row.wrong.append(f"{what}: the doctor says {said.strip()[-200:]}")
    code, said = forked(["index", ground.files[2], "--index", str(directory)])
    try:
        if code != 0 or state_of(directory) != ground.state(f"{shelf}3"):
            row.wrong.append(f"{what}: the next command ends with {code}: {said.strip()[-200:]}")
    except IndexDirectoryError as error:
        row.wrong.append(f"{what}: after the next command: {error}")
    after = names_in(directory)
    if len(after) != 2:
        row.wrong.append(f"{what}: left over: {after}")
    row.left += len(before) > (2 if found else 0)


def at_random_moments(ground: Ground, moments: int, chance: random.Random) -> Iterator[Row]:
    """Kill each command at random moments from its lock to its end."""
    directory = ground.work / "killed"

    def run(command: Command, share: float | None) -> float:
        """Run a command, to be killed after a share of its time, or not; return the seconds from lock to end."""
        ground.copy(command.before, directory)
        reading, writing = os.pipe()

        def signalling() -> None:
            def hook(event: str, given: tuple[Any, ...]) -> None:
                if event == "open" and str(given[0]).endswith(".lock"):
                    os.write(writing, b".")

            sys.addaudithook(hook)

        words = [*command.words, "--index", str(directory)]
        process = started(words, signalling, ground.work / "said")
        os.close(writing)
        os.read(reading, 1)
        begun = time.perf_counter()
        if share is not None:
            time.sleep(share * usual[command])
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(reading)
        return time.perf_counter() - begun

    usual: dict[Command, float] = {}
    for command in ground.commands:
        usual[command] = sorted(run(command, None) for _ in range(3))[1]
    for number, command in enumerate(ground.commands):
        row = Row("SIGKILL at a random moment", command.name)
        for _ in range(len(range(number, moments, len(ground.commands)))):
            share = chance.random() * 1.05
            run(command, share)
            judged(ground, row, command, directory, f"{command.name} after {share:.2f} of its time")
        yield row


def at_every_step(ground: Ground, every: int) -> Iterator[Row]:
    """Kill each command before each of its steps."""
    directory = ground.work / "stepped"
    for command in ground.commands:
        row = Row("SIGKILL before each step", command.name)
        at = 0
        while True:
            ground.copy(command.before, directory)
            code, said = forked([*command.words, "--index", str(directory)], killer(directory, at))
            if code != -signal.SIGKILL:
                if code:
                    row.wrong.append(f"step {at}: ends with {code}: {said[-200:]}")
                break
            judged(ground, row, command, directory, f"{command.name}, step {at}")
            at += every
        yield row


# --- loss of power


@dataclass(frozen=True)
class Seen:
    """A directory at one moment: the file of each name, directories by their names alone."""

    names: dict[str, int | None]
    data: dict[int, bytes]


def seen(directory: Path) -> Seen:
    """Return what is in a directory now."""
    names: dict[str, int | None] = {}
    data: dict[int, bytes] = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        names[name] = None
        if path.is_file():
            names[name] = path.stat().st_ino
            data[path.stat().st_ino] = path.read_bytes()
    return Seen(names, data)


class Disk:
    """What a disk must have kept, and what it may, of what a process has done in a directory so far."""

    def __init__(self, directory: Path, judge: Callable[[dict[str, bytes | None]], None]) -> None:
        self._directory = directory
        self._judge = judge
        start = seen(directory)
        self._kept_names = dict(start.names)
        self._kept_data = dict(start.data)
        self._all_data = dict(start.data)
        self._known: set[bytes] = set()

    def step(self) -> None:
        """Take note of a flush, and judge every state in which the disk may be found."""
        now = seen(self._directory)
        self._all_data |= now.data
        for descriptor in FLUSHED:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if path.is_file():
                number = path.stat().st_ino
                self._kept_data[number] = now.data[number]
            else:
                here = "" if path == self._directory else f"{path.relative_to(self._directory).as_posix()}/"

                def within(name: str, here: str = here) -> bool:
                    return name.startswith(here) and "/" not in name[len(here) :]

                self._kept_names = {name: file for name, file in self._kept_names.items() if not within(name)}
                self._kept_names |= {name: file for name, file in now.names.items() if within(name)}
        for names in self._possible(now.names):
            for unflushed in (self._all_data, {}):
                state = {
                    name: None if file is None else self._kept_data.get(file, unflushed.get(file, b""))
                    for name, file in names.items()
                    if all(str(parent) in names for parent in list(Path(name).parents)[:-1])
                }
                mark = hashlib.sha256(repr(sorted(state.items())).encode()).digest()
                if mark not in self._known:
                    self._known.add(mark)
                    self._judge(state)

    def _possible(self, now: dict[str, int | None]) -> Iterator[dict[str, int | None]]:
        """Yield what names a disk may hold: of the changes that were not flushed all, none, what came, or what went."""
        kept = self._kept_names
        came = {name: file for name, file in now.items() if name not in kept}
        gone = {name for name in kept if name not in now}
        changed = {name: file for name, file in now.items() if name in kept and kept[name] != file}
        for with_came in ({}, came):
            for without in (set(), gone):
                for with_changed in ({}, changed):
                    names = {**kept, **with_came, **with_changed}
                    yield {name: file for name, file in names.items() if name not in without}


def power_lost(ground: Ground, every: int, *, flushing: bool = True) -> Iterator[Row]:
    """Judge at each step of each command every state in which a loss of power may leave the disk."""
    directory, found = ground.work / "unplugged", ground.work / "found"
    for command in ground.commands:
        ground.copy(command.before, directory)
        ground.state(command.before), ground.state(command.after)  # here, for what a forked process works out is lost
        report = ground.work / "power.json"

        def install(command: Command = command, report: Path = report) -> None:
            row = Row("loss of power" if flushing else "loss of power, nothing flushed (a control)", command.name)
            row.control = not flushing

            def judge(files: dict[str, bytes | None]) -> None:
                row.tried += 1
                shutil.rmtree(found, ignore_errors=True)
                found.mkdir()
                for name, data in sorted(files.items()):
                    if data is None:
                        (found / name).mkdir(parents=True, exist_ok=True)
                    else:
                        (found / name).write_bytes(data)
                try:
                    state = state_of(found)
                except IndexDirectoryError as error:
                    row.wrong.append(f"{command.name}: {str(error).replace(str(found), '…')}")
                else:
                    row.old += state == ground.state(command.before)
                    row.new += state == ground.state(command.after)
                    if state not in (ground.state(command.before), ground.state(command.after)):
                        row.wrong.append(f"{command.name}: neither the old nor the new state")
                report.write_text(json.dumps(asdict(row)), encoding="utf-8")

            disk = Disk(directory, judge)
            steps = 0

            def act() -> None:
                nonlocal steps
                steps += 1
                if FLUSHED or steps % every == 0:
                    disk.step()

            if not flushing:
                indexing._flush = lambda path: None  # noqa: ARG005
            hooked(directory, act, disk.step)

        code, said = forked([*command.words, "--index", str(directory)], install)
        row = Row(**json.loads(report.read_text(encoding="utf-8")))
        if code:
            row.wrong.append(f"{command.name} ends with {code}: {said[-300:]}")
        yield row


# --- a full disk


def disk_full(ground: Ground, sizes: int) -> Iterator[Row]:
    """Run each command with ever more room on a disk of its own, and with ever larger files allowed."""
    for command in ground.commands:
        room = Row("disk full", command.name)
        limit = Row("file too large", command.name)
        before, after = (
            sum(f.stat().st_size for f in ground.shelf(s).rglob("*")) for s in (command.before, command.after)
        )
        with mounted(ground.work / "disk", 4 * (before + after) + 64 * _PAGE) as disk:
            for number in range(sizes if disk else 0):
                directory = ground.copy(command.before, ground.work / "disk" / "index")
                ballast = ground.work / "disk" / "ballast"
                state = os.statvfs(directory)
                pages = state.f_bavail - number * (after // _PAGE + 30) // (sizes - 1 or 1)
                ballast.write_bytes(bytes(max(0, pages) * _PAGE))
                code, said = forked([*command.words, "--index", str(directory)])
                ballast.unlink()
                refused(ground, room, command, directory, (code, said), f"{number} of {sizes}")
        if not disk:
            room.wrong.append("not tried: nothing may be mounted here")
        yield room
        largest = max(path.stat().st_size for path in ground.shelf(command.after).rglob("*"))
        for number in range(sizes):
            directory = ground.copy(command.before, ground.work / "limited")
            size = number * (largest + _PAGE) // (sizes - 1 or 1)

            def limiting(size: int = size) -> None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

            told = said_elsewhere([*command.words, "--index", str(directory)], limiting)
            refused(ground, limit, command, directory, told, f"{size} bytes")
        yield limit


def said_elsewhere(words: Sequence[str], before: Callable[[], None]) -> tuple[int, str]:
    """Do as ``forked`` does; what is said goes through a pipe, which has no size to be limited."""
    reading, writing = os.pipe()
    process = started(words, before, Path(f"/proc/self/fd/{writing}"))
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a descriptor
        said = file.read()
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), said


def refused(ground: Ground, row: Row, command: Command, directory: Path, told: tuple[int, str], what: str) -> None:
    """Look at what a command said and left where it could not write all that it wanted."""
    code, said = told
    lines = [line for line in said.splitlines() if line.startswith("错误：")]
    if code == 2 and (len(lines) != 1 or not lines[0].endswith("。") or "Traceback" in said):
        row.wrong.append(f"{command.name}, {what}: {said[-200:]}")
    if code not in (0, 2):
        row.wrong.append(f"{command.name}, {what}: ends with {code}: {said[-200:]}")
    wanted = ground.state(command.after if code == 0 else command.before)
    if [name for name in names_in(directory) if name.startswith("g-")][1 if wanted else 0 :]:
        row.wrong.append(f"{command.name}, {what}: left over: {names_in(directory)}")
    try:
        if state_of(directory) != wanted:
            row.wrong.append(f"{command.name}, {what}: ends with {code}, another state")
    except IndexDirectoryError as error:
        row.wrong.append(f"{command.name}, {what}: {error}")
    judged(ground, row, command, directory, f"{command.name}, {what}")


@contextlib.contextmanager
def mounted(at: Path, size: int) -> Iterator[bool]:
    """Mount a small disk in memory; yields whether that may be done here."""
    at.mkdir(exist_ok=True)
    options = f"size={size},mode=0700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(at)], check=False, capture_output=True)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(at)], check=True)


# --- the installed program


def really(ground: Ground, moments: int, chance: random.Random) -> Iterator[Row]:
    """Kill the installed program with its own model at random moments from its lock to its end."""
    first, second, third = ground.files
    base = ground.work / "real"
    program = [sys.executable, "-m", "reportqa"]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    commands = {"index, adding": ["index", second], "index --fresh": ["index", "--fresh", second]}
    subprocess.run([*program, "index", first, "--index", str(base)], check=True, env=environment, **quiet)
    old = state_of(base)
    directory = ground.work / "real-killed"

    def run(words: Sequence[str], seconds: float | None) -> float:
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(base, directory)
        (directory / ".lock").unlink(missing_ok=True)
        with subprocess.Popen([*program, *words, "--index", str(directory)], env=environment, **quiet) as process:
            while process.poll() is None and not (directory / ".lock").exists():
                time.sleep(0.002)
            begun = time.perf_counter()
            if seconds is not None:
                time.sleep(seconds)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return time.perf_counter() - begun

    for name, words in commands.items():
        row = Row("SIGKILL of the installed program", name)
        usual = run(words, None)
        new = state_of(directory)
        for _ in range(moments // len(commands)):
            run(words, chance.random() * usual)
            row.tried += 1
            row.left += len(names_in(directory)) > 2
            try:
                found = state_of(directory)
            except IndexDirectoryError as error:
                row.wrong.append(str(error))
                continue
            row.old += found == old
            row.new += found == new
            if found not in (old, new):
                row.wrong.append("neither the old nor the new state")
            subprocess.run([*program, "index", third, "--index", str(directory)], check=True, env=environment, **quiet)
            if len(names_in(directory)) != 2:
                row.wrong.append(f"left over: {names_in(directory)}")
        yield row


HEAD = """\
| fault | command | tried | the old state | the new state | left-overs, cleared | wrong |
|---|---|---|---|---|---|---|"""


def line(row: Row) -> str:
    """Return a row in Markdown."""
    told = row.fault, row.command, row.tried, row.old, row.new, row.left, len(row.wrong)
    return f"| {' | '.join(map(str, told))} |"


def all_rows(ground: Ground, given: argparse.Namespace, chance: random.Random) -> Iterator[Row]:
    """Yield the rows of what was asked for, as they are done."""
    if given.moments:
        yield from at_random_moments(ground, given.moments, chance)
    if given.steps:
        yield from at_every_step(ground, given.steps)
    if given.power:
        yield from power_lost(ground, given.power)
        yield from power_lost(ground, given.power, flushing=False)
    if given.disk:
        yield from disk_full(ground, given.disk)
    if given.real:
        yield from really(ground, given.real, chance)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--power", type=int, default=1)
    parser.add_argument("--disk", type=int, default=12)
    parser.add_argument("--real", type=int, default=12)
    parser.add_argument("--only", default="", help="One of the commands: the first, --fresh, adding, remove.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311 - moments, no secrets
    embedding.load = lambda name="": Hashing()  # type: ignore[assignment, return-value]  # noqa: ARG005
    doctor._model = lambda name: name
    bundled_lexicon()
    rows: list[Row] = []
    if not given.as_json:
        print(HEAD)
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        ground = Ground(Path(name))
        ground.commands = tuple(command for command in ground.commands if given.only in command.name)
        for row in all_rows(ground, given, chance):
            rows.append(row)
            if not given.as_json:
                print(line(row), flush=True)
    if given.as_json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    else:
        print("", *(f"- {wrong}" for row in rows for wrong in dict.fromkeys(row.wrong[:3])), sep="\n")
    controls = [row for row in rows if row.control]
    sys.exit(
        any(row.wrong for row in rows if not row.control) or (bool(controls) and not any(row.wrong for row in controls))
    )


if __name__ == "__main__":
    main()
