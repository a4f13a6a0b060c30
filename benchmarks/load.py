"""Many people at once: every answer right and there, none much later than its share of the processors, memory flat.

    python benchmarks/load.py --users 50 --seconds 60

A server of its own process on the sample report (or --index), asked over HTTP by users who ask again as soon as they are
answered.  Prints the latencies as multiples of one user's alone, the processor time of an answer (which grows where threads
fight, whatever else the machine does), and the server's memory at the start and the end.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

QUESTIONS = (
    ("2021年全市生产总值增长多少？", True),
    ("去年减税降费多少？", True),
    ("今年粮食总产目标是多少？", None),
    ("怎样优化营商环境？", None),
    ("今天天气怎么样？", False),
)
"""Questions and whether the report answers them; None: either way, but always the same way."""


def memory(process: int) -> float:
    """Return the megabytes that a process has resident."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class User:
    """One who asks until told to stop; keeps latencies and what went wrong."""

    def __init__(self, address: str, number: int) -> None:
        self.address = urlsplit(address).netloc
        self.number = number
        self.seconds: list[float] = []
        self.wrong: list[str] = []
        self.answers: dict[str, str] = {}

    def ask(self, until: float) -> None:
        """Ask until a time of the monotonic clock."""
        connection = http.client.HTTPConnection(self.address, timeout=120)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        turn = self.number
        while time.monotonic() < until:
            question, found = QUESTIONS[turn % len(QUESTIONS)]
            turn += 1
            started = time.perf_counter()
            try:
                body = json.dumps({"question": question})
                connection.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                told = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.wrong.append(f"{type(error).__name__}: {error}")
                connection.close()
                continue
            self.seconds.append(time.perf_counter() - started)
            if answer.status != 200 or (found is not None and told["found"] is not found):
                self.wrong.append(f"{answer.status} {question}")
            elif self.answers.setdefault(question, told["text"]) != told["text"]:
                self.wrong.append(f"another answer: {question}")
        connection.close()


def measured(address: str, users: int, seconds: float) -> list[User]:
    """Have users ask for some time; return them."""
    asking = [User(address, number) for number in range(users)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=user.ask, args=(until,)) for user in asking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return asking


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--index", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, "-m", "reportqa", "serve", "--port", "0"]
        command += ["--index", str(given.index.resolve())] if given.index else []
        with subprocess.Popen(command, cwd=work, stderr=subprocess.PIPE, encoding="utf-8") as server:
            assert server.stderr is not None
            address = next(line.split("：")[1].split()[0] for line in server.stderr if "http://" in line)
            threading.Thread(target=server.stderr.read, daemon=True).start()
            measured(address, 2, 5)  # warm
            used = [processor_seconds(server.pid)]
            [alone] = measured(address, 1, max(5, given.seconds / 6))
            used.append(processor_seconds(server.pid))
            before = memory(server.pid)
            many = measured(address, given.users, given.seconds)
            used.append(processor_seconds(server.pid))
            half = memory(server.pid)
            measured(address, given.users, given.seconds / 2)
            after = memory(server.pid)
            server.terminate()
            code = server.wait(60)
    seconds = [second for user in many for second in user.seconds]
    one = statistics.median(alone.seconds)
    cores = os.cpu_count() or 1
    share = given.users / cores
    print(f"{given.users} users, {given.seconds:.0f} s, {cores} processors: {len(seconds)} answers")
    print(f"one user alone: {1000 * one:.0f} ms (median)")
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        print(f"{name}: {percentile(seconds, part) / one / share:.2f} x (users per processor) x one user alone")
    each = (used[1] - used[0]) / len(alone.seconds), (used[2] - used[1]) / len(seconds)
    print(f"processor time of an answer: {each[1] / each[0]:.2f} x that of one user alone")
    print(f"memory: {before:.0f} MB before, {half:.0f} MB after, {after:.0f} MB after half as long again")
    wrong = [text for user in [alone, *many] for text in user.wrong]
    print(f"errors: {len(wrong)}  exit code on SIGTERM: {code}")
    for text in wrong[:5]:
        print("  ", text)
    sys.exit(bool(wrong) or code != 0 or percentile(seconds, 0.95) > 1.5 * share * one)


if __name__ == "__main__":
    main()
