"""The public methods of every client, found by looking at the installed packages."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

import py_clob_client.client
import py_clob_client.rfq
import py_clob_client_v2.client
import py_clob_client_v2.rfq
from polymarket import AsyncPublicClient, AsyncSecureClient, PublicClient, SecureClient

SURFACES: dict[str, type[Any]] = {
    "v1": py_clob_client.client.ClobClient,
    "v1.rfq": py_clob_client.rfq.RfqClient,
    "v2": py_clob_client_v2.client.ClobClient,
    "v2.rfq": py_clob_client_v2.rfq.RfqClient,
    "public": PublicClient,
    "public async": AsyncPublicClient,
    "secure": SecureClient,
    "secure async": AsyncSecureClient,
}
UNIFIED = ("public", "public async", "secure", "secure async")


def methods(client: type[Any]) -> list[str]:
    """Public names of a client class: methods, class methods and properties."""
    return sorted(name for name in dir(client) if not name.startswith("_"))


def everything() -> Iterator[tuple[str, str]]:
    """(surface, method) of all of them."""
    for surface, client in SURFACES.items():
        for name in methods(client):
            yield surface, name


def codes(client: type[Any], name: str) -> set[CodeType]:
    """The code that runs when the method is called: what a profiler sees of it."""
    found = inspect.getattr_static(client, name)
    if isinstance(found, property | functools.cached_property):
        found = found.fget if isinstance(found, property) else found.func
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    return {found.__code__, inspect.unwrap(found).__code__}


def calls_of(*modules: ModuleType) -> dict[str, Any]:
    """The functions of these modules that are named as the method that they call."""
    found: dict[str, Any] = {}
    for module in modules:
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                if name.startswith("_"):
                    continue
                assert name not in found, f"{name} is called in two files"
                found[name] = value
    return found
