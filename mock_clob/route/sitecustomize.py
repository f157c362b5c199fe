"""Routes a Python process from its first line, then runs the sitecustomize that this one hides."""

import importlib.util
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent


def load_routing() -> ModuleType:
    """The routing module: the installed one, or, under another interpreter, by its path."""
    try:
        from mock_clob import routing
    except ImportError:
        spec = importlib.util.spec_from_file_location("routing", HERE.parent / "routing.py")
        assert spec is not None
        assert spec.loader is not None
        by_path = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(by_path)
        return by_path
    return routing


def route() -> None:
    """Route this process as the environment says; end it when that fails."""
    if "MOCK_CLOB_TLS_PORT" not in os.environ:
        return
    try:
        load_routing().install(
            int(os.environ["MOCK_CLOB_TLS_PORT"]),
            int(os.environ["MOCK_CLOB_PLAIN_PORT"]),
            os.environ["MOCK_CLOB_CA_PEM"],
            announce=True,
        )
    except BaseException as error:
        # Python goes on after an error here, and the script would reach the real venue.
        print(f"mock-clob: cannot route this process: {error!r}", file=sys.stderr, flush=True)
        os._exit(1)


def run_hidden() -> None:
    """Run the next sitecustomize on the path, as if this one were not there."""
    path = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


route()
run_hidden()
