"""ERC-1155 ids of outcomes: Gnosis's ConditionalTokens derives them, Protocol V2 composes them.

token_ids: what exchanges 1 and 2 trade, a hash of condition and collateral.
Checked against a real pair: condition 0xdd22472e…110917 (neg-risk collateral) has the YES token
21742633143463906290569050155826241533067272736897614950488156847949938836455.
"""

from __future__ import annotations

from eth_hash.auto import keccak

# The bits that are zero in every position id, and by which polymarket-client knows one.
_RESERVED = ((1 << 64) - 1) << 40
BINARY_MODULE, NEG_RISK_MODULE = 1, 2

_P = 21888242871839275222246405745257275088696311157297823662689037894645226208583


def token_ids(collateral: str, condition_id: str) -> tuple[str, str]:
    """(YES, NO) of a binary condition, as decimal strings."""
    yes, no = (_position(collateral, _collection(condition_id, index)) for index in (1, 2))
    return str(yes), str(no)


def is_position_id(token_id: str) -> bool:
    """Whether this is an id of Protocol V2, which exchange 3 trades."""
    number = int(token_id)
    return not number & _RESERVED and number >> 248 in (1, 2, 3)


def structural_condition_id(name: str, module: int = BINARY_MODULE) -> str:
    """The condition id of a Protocol V2 market: module, 16 bytes of a hash, then zeros.

    31 bytes make the condition; Gamma shows them with a byte 0 behind, 0x and 64 digits.
    """
    return f"0x{module:02x}{keccak(name.encode())[:16].hex()}{'00' * 15}"


def position_ids(condition_id: str) -> tuple[str, str]:
    """(YES, NO) of a Protocol V2 condition: its 31 bytes, then the outcome's index."""
    condition = condition_id[2:64]
    return str(int(f"{condition}00", 16)), str(int(f"{condition}01", 16))


def _collection(condition_id: str, index_set: int) -> int:
    """A point of alt_bn128 (its x, and y's parity in bit 254) found from the hash upwards."""
    digest = keccak(bytes.fromhex(condition_id[2:]) + index_set.to_bytes(32, "big"))
    x = int.from_bytes(digest, "big")
    odd = bool(x >> 255)
    while True:
        x = (x + 1) % _P
        square = (pow(x, 3, _P) + 3) % _P
        y = pow(square, (_P + 1) // 4, _P)
        if y * y % _P == square:
            break
    if bool(y % 2) is not odd:
        y = _P - y
    return x ^ (1 << 254) if y % 2 else x


def _position(collateral: str, collection: int) -> int:
    digest = keccak(bytes.fromhex(collateral[2:]) + collection.to_bytes(32, "big"))
    return int.from_bytes(digest, "big")
