"""Call data for the wallets' contracts, of the few functions whose arguments are dynamic."""

from __future__ import annotations

from mock_clob.chain.artefacts import artefact, raw, word
from mock_clob.relayer.requests import SafeRequest
from mock_clob.relayer.signatures import Batch, Call
from mock_clob.rules import Rejected


def deploy(owner: str, code: bytes) -> bytes:
    """DepositWalletFactory.deploy(owner, creation code)."""
    selector = artefact("DepositWalletFactory").selectors["deploy"]
    return selector + word(raw(owner)) + word(64) + _bytes(code)


def execute_batch(batch: Batch) -> bytes:
    """DepositWalletFactory.execute(wallet, calls, nonce, deadline)."""
    calls = [_call(call) for call in batch.calls]
    at, heads = 32 * len(calls), b""
    for call in calls:
        heads += word(at)
        at += len(call)
    return (
        artefact("DepositWalletFactory").selectors["execute"]
        + word(raw(batch.wallet))
        + word(128)
        + word(batch.nonce)
        + word(batch.deadline)
        + word(len(calls))
        + heads
        + b"".join(calls)
    )


def relay_proxy(owner: str, nonce: int, data: bytes) -> bytes:
    """ProxyFactory.relay(owner, nonce, calls), from the data of the owner's proxy(calls)."""
    factory = artefact("ProxyFactory")
    if data[:4] != factory.selectors["proxy"] or data[4:36] != word(32):
        raise Rejected("relayer_payload", field="data")
    head = word(raw(owner)) + word(nonce) + word(96)
    return factory.selectors["relay"] + head + data[36:]


def execute_safe(request: SafeRequest) -> bytes:
    """Safe.execTransaction(...) with the gas fields at zero."""
    payload = _bytes(request.data)
    return (
        artefact("Safe").selectors["execTransaction"]
        + word(raw(request.to))
        + word(request.value)
        + word(320)
        + word(request.operation)
        + bytes(32 * 5)
        + word(320 + len(payload))
        + payload
        + _bytes(request.signature)
    )


def _call(call: Call) -> bytes:
    return word(raw(call.target)) + word(call.value) + word(96) + _bytes(call.data)


def _bytes(content: bytes) -> bytes:
    return word(len(content)) + content.ljust(-(-len(content) // 32) * 32, b"\0")
