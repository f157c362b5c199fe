# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  MultiSend: many calls in one, from within the Safe that delegates to it
@notice Each is packed: operation (1 byte, 0), to (20), value (32), length (32), data.
"""

MAX_CALLS: constant(uint256) = 64


@external
@payable
def multiSend(transactions: Bytes[16384]):
    at: uint256 = 0
    for i: uint256 in range(MAX_CALLS):
        if at == len(transactions):
            return
        assert slice(transactions, at, 1) == b"\x00", "only calls are in the mock"
        to: address = convert(
            convert(slice(transactions, at + 1, 20), uint256), address
        )
        value: uint256 = convert(slice(transactions, at + 21, 32), uint256)
        length: uint256 = convert(slice(transactions, at + 53, 32), uint256)
        data: Bytes[16384] = slice(transactions, at + 85, length)
        raw_call(to, data, value=value)
        at += 85 + length
    assert at == len(transactions), "too many calls for the mock"
