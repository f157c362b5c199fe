# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  ProxyWallet: the code of every proxy wallet (signature type 1)
@notice `factory` stands in the first slot, where the factory's cloneConstructor writes it.
"""

import receiver

exports: receiver.__interface__

struct Call:
    kind: uint8
    to: address
    value: uint256
    data: Bytes[2048]

factory: public(address)


@external
@payable
def proxy(calls: DynArray[Call, 64]):
    assert msg.sender == self.factory, "must be called by the factory"
    for call: Call in calls:
        assert call.kind == 1, "only calls are in the mock"
        raw_call(call.to, call.data, value=call.value)


@external
@payable
def __default__():
    assert len(msg.data) == 0, "no such function"
