"""The compiled contracts: code, ABI, function selectors, and where each variable is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

CONTRACTS = (
    "Beacon",
    "CollateralAdapter",
    "ConditionalTokens",
    "DepositWallet",
    "DepositWalletFactory",
    "Exchange",
    "MultiSend",
    "NegRiskAdapter",
    "Offramp",
    "Onramp",
    "ProxyFactory",
    "ProxyWallet",
    "Pusd",
    "Router",
    "Safe",
    "Usdc",
)


@dataclass(frozen=True)
class Artefact:
    abi: list[dict[str, Any]]
    code: bytes  # runtime bytecode
    slots: dict[str, int]  # variable -> storage slot
    selectors: dict[str, bytes]  # function -> first 4 bytes of its call data

    def slot(self, variable: str, *keys: int | bytes) -> int:
        """The storage slot of a variable, or of a mapping's entry."""
        slot = self.slots[variable]
        for key in keys:
            slot = int.from_bytes(keccak(word(slot) + word(key)), "big")
        return slot

    def call(self, function: str, *arguments: int | bytes) -> bytes:
        """Call data of a function whose arguments are all static."""
        return self.selectors[function] + b"".join(map(word, arguments))


def word(value: int | bytes) -> bytes:
    """32 bytes, padded on the left."""
    if isinstance(value, bytes):
        return value.rjust(32, b"\0")
    return value.to_bytes(32, "big")


def raw(text: str) -> bytes:
    """The bytes of an address, hash or key that is written as 0x and hexadecimal."""
    return bytes.fromhex(text[2:])


def path_of(name: str) -> Path:
    return Path(__file__).parent / "contracts" / f"{name}.json"


@cache
def artefact(name: str) -> Artefact:
    """Reads contracts/<name>.json."""
    content = json.loads(path_of(name).read_text())
    return Artefact(
        abi=content["abi"],
        code=bytes.fromhex(content["bytecode_runtime"][2:]),
        slots=content["slots"],
        selectors={
            entry["name"]: keccak(_signature(entry).encode())[:4]
            for entry in content["abi"]
            if entry["type"] == "function"
        },
    )


def _signature(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(map(_type, entry['inputs']))})"


def _type(parameter: dict[str, Any]) -> str:
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    inner = ",".join(map(_type, parameter["components"]))
    return f"({inner}){parameter['type'].removeprefix('tuple')}"
