"""Debian's nginx in front of a server, and certificates for it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NGINX = Path("/usr/sbin/nginx")
_CONFIG = """
daemon off; error_log {here}/error.log; pid {here}/pid; worker_processes 1; {user}
events {{ worker_connections 64; }}
http {{
  access_log off; default_type text/html; charset utf-8;
  client_body_temp_path {here}/body; proxy_temp_path {here}/proxy;
  fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;
  {servers}
}}
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def certificate(directory: Path, *names: str) -> str:
    """Make a certificate for names; return what nginx is told of it."""
    names_ = ",".join(f"DNS:{name}" for name in names)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"),
            *("-addext", f"subjectAltName={names_}", "-keyout", directory / "key.pem", "-out", directory / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return f"ssl_certificate {directory}/cert.pem; ssl_certificate_key {directory}/key.pem;"


@contextmanager
def nginx(directory: Path, port: int, servers: str) -> Iterator[None]:
    """Run nginx with some server blocks, its workers under an account of their own where we may; skip where there is none."""
    if not NGINX.exists():
        if os.environ.get("CI"):
            pytest.fail(f"needs {NGINX}")
        pytest.skip(f"needs {NGINX}")
    user = "user www-data;" if os.geteuid() == 0 else ""
    for folder in (directory, *directory.parents):  # whose files the workers are to read
        if os.geteuid() == 0 and folder.stat().st_uid == 0 and str(folder) != "/" and not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o011)
    (directory / "nginx.conf").write_text(_CONFIG.format(here=directory, user=user, servers=servers), encoding="utf-8")
    program = shutil.which(NGINX) or str(NGINX)
    with subprocess.Popen([program, "-c", directory / "nginx.conf", "-e", directory / "error.log"]) as running:
        try:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            running.terminate()
            running.wait(20)
