# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  DepositWallet: what the beacon makes of every deposit wallet
@notice Batches come through the factory. The relayer has checked the owner's or session key's
        signature over the batch; the real wallet checks it itself. Its isValidSignature, which
        the exchanges ask, is not built: the venue checks orders before they match.
"""

import receiver

exports: receiver.__interface__

struct Call:
    target: address
    value: uint256
    data: Bytes[2048]

event SessionSignerAuthorized:
    signer: indexed(address)
    validUntil: uint256

event SessionSignerRevoked:
    signer: indexed(address)

owner: public(address)
factory: public(address)
nonce: public(uint256)
sessionSigners: public(HashMap[address, uint256])  # Unix seconds until which it may sign


@external
def initialize(owner: address):
    assert self.factory == empty(address), "AlreadyInitialized"
    self.factory = msg.sender
    self.owner = owner


@external
@payable
def execute(calls: DynArray[Call, 64], nonce: uint256, deadline: uint256):
    assert msg.sender == self.factory, "Unauthorized"
    assert nonce == self.nonce, "InvalidNonce"
    assert block.timestamp <= deadline, "Expired"
    self.nonce = nonce + 1
    for call: Call in calls:
        raw_call(call.target, call.data, value=call.value)


@external
def authorizeSessionSigner(signer: address, valid_until: uint256):
    assert msg.sender == self, "Unauthorized"
    self.sessionSigners[signer] = valid_until
    log SessionSignerAuthorized(signer=signer, validUntil=valid_until)


@external
def revokeSessionSigner(signer: address):
    assert msg.sender == self, "Unauthorized"
    self.sessionSigners[signer] = 0
    log SessionSignerRevoked(signer=signer)


@external
@payable
def __default__():
    assert len(msg.data) == 0, "no such function"
