"""A real redis-server on a free loopback port, started and stopped by the test run.

`make test` installs one where it may (.tools/redis-server); without any, the tests fail and say so.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

TOOLS = Path(__file__).parents[1] / ".tools"
START_SECONDS = 10.0


class RedisServer:
    """One redis-server that can be killed, stopped and started again on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    def start(self) -> None:
        """Raises RuntimeError when there is no redis-server, or when it does not come up."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [find(), *options, "--save", "", *self._options], stdout=subprocess.DEVNULL
        )
        ends = time.monotonic() + START_SECONDS
        while True:
            try:
                with self.client as client:
                    client.ping()
                return
            except redis.ConnectionError:
                if self._process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"redis-server did not start on port {self.port}") from None
                time.sleep(0.01)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It keeps its connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        self.kill()
        self.start()


def find() -> str:
    """The server's program. Raises RuntimeError when there is none."""
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", "")])
    program = shutil.which("redis-server", path=path)
    if program is None:
        raise RuntimeError("no redis-server: install Redis, or run `make redis` as root on Debian")
    return program


@contextmanager
def running(folder: Path, *options: str) -> Iterator[RedisServer]:
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
