"""What a wallet's owner signs for the relayer, by wallet type, and who signed.

Hashes are those of polymarket-client's `_internal/actions/relayer/signing`.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_hash.auto import keccak

from mock_clob.chain.artefacts import raw, word
from mock_clob.deposit_signature import unwrapped
from mock_clob.signed_order import recover

_CALL = keccak(b"Call(address target,uint256 value,bytes data)")
_BATCH = keccak(
    b"Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)"
    b"Call(address target,uint256 value,bytes data)"
)
_DOMAIN = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_SAFE_DOMAIN = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
_SAFE_TX = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    b"uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)


@dataclass(frozen=True)
class Call:
    """One call of a batch. `value` in wei."""

    target: str
    value: int
    data: bytes


@dataclass(frozen=True)
class Batch:
    """Calls of a deposit wallet. `deadline` in Unix seconds."""

    wallet: str
    nonce: int
    deadline: int
    calls: tuple[Call, ...]


def batch_signer(batch: Batch, chain_id: int, signature: bytes) -> str:
    """The lower-case address that signed a batch, plainly or as a session key; "" for none."""
    domain = keccak(
        _DOMAIN + keccak(b"DepositWallet") + keccak(b"1") + word(chain_id) + word(raw(batch.wallet))
    )
    calls = [
        keccak(_CALL + word(raw(call.target)) + word(call.value) + keccak(call.data))
        for call in batch.calls
    ]
    struct = keccak(
        _BATCH
        + word(raw(batch.wallet))
        + word(batch.nonce)
        + word(batch.deadline)
        + keccak(b"".join(calls))
    )
    session, plain = unwrapped(signature)
    signer = recover(keccak(b"\x19\x01" + domain + struct), plain)
    return signer if session in ("", signer) else ""


def safe_signer(
    safe: str,
    to: str,
    value: int,
    data: bytes,
    operation: int,
    nonce: int,
    chain_id: int,
    sig: bytes,
) -> str:
    """The lower-case address that signed a Safe's transaction, as an Ethereum message."""
    domain = keccak(_SAFE_DOMAIN + word(chain_id) + word(raw(safe)))
    struct = keccak(
        _SAFE_TX
        + word(raw(to))
        + word(value)
        + keccak(data)
        + word(operation)
        + bytes(32 * 5)  # gas fields, token and receiver: the clients sign zeros
        + word(nonce)
    )
    if len(sig) != 65 or sig[64] not in (31, 32):
        return ""
    digest = keccak(b"\x19\x01" + domain + struct)
    return recover(_message(digest), sig[:64] + bytes([sig[64] - 4]))


def proxy_signer(
    owner: str,
    factory: str,
    data: bytes,
    gas_limit: int,
    nonce: int,
    relay_hub: str,
    relay: str,
    signature: bytes,
) -> str:
    """The lower-case address that signed a proxy wallet's calls, for the relay hub."""
    digest = keccak(
        b"rlx:"
        + raw(owner)
        + raw(factory)
        + data
        + bytes(32 * 2)  # fee and gas price: the clients sign zeros
        + word(gas_limit)
        + word(nonce)
        + raw(relay_hub)
        + raw(relay)
    )
    return recover(_message(digest), signature)


def _message(digest: bytes) -> bytes:
    """EIP-191."""
    return keccak(b"\x19Ethereum Signed Message:\n32" + digest)
