"""Arguments from JSON, held against the annotations of the method that takes them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def check(method: Callable[..., Any], given: Any) -> dict[str, Any]:
    """The arguments, as they are. Raises ValueError that says what would have been right."""
    if not isinstance(given, dict):
        raise ValueError(f"the arguments are a JSON object, not {_kind(given)}")
    wanted = _wanted(method)
    for name, value in given.items():
        if name not in wanted:
            known = ", ".join(wanted) or "none"
            raise ValueError(f"no argument {name!r}; there are: {known}")
        if not _fits(value, wanted[name][0]):
            raise ValueError(f"{name} must be {_name(wanted[name][0])}, not {_kind(value)}")
    for name, (_, required) in wanted.items():
        if required and name not in given:
            raise ValueError(f"the argument {name!r} is missing")
    return given


def usage(method: Callable[..., Any]) -> str:
    """`name, [optional name]`: what a method takes."""
    wanted = _wanted(method)
    return ", ".join(name if required else f"[{name}]" for name, (_, required) in wanted.items())


@cache
def _wanted(method: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """Name -> (type, whether it must be given)."""
    hints = get_type_hints(method)
    return {
        name: (hints[name], parameter.default is parameter.empty)
        for name, parameter in inspect.signature(method).parameters.items()
    }


def _fits(value: Any, wanted: Any) -> bool:
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin is list:
        return isinstance(value, list) and all(_fits(each, inner[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(each, inner[1]) for each in value.values())
    if wanted is Any:
        return True
    if wanted is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is wanted


def _name(wanted: Any) -> str:
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return " or ".join(_name(each) for each in inner if each is not NoneType)
    if origin is Literal:
        return " or ".join(repr(each) for each in inner)
    kinds = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
    return kinds.get(wanted) or {list: "a list of strings", dict: "an object"}[origin]


def _kind(value: Any) -> str:
    kinds = {str: "a string", bool: "true or false", list: "a list", dict: "an object"}
    kinds |= {NoneType: "null", int: f"{value!r:.40}", float: f"{value!r:.40}"}
    return kinds[type(value)]
