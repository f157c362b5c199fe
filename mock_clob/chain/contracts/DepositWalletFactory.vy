# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  DepositWalletFactory: deploys deposit wallets and passes batches on to them
@notice The venue's relayer is its only user. It creates the very proxies that
        polymarket-client derives addresses from, so that they stand where they are expected.
"""

struct Call:
    target: address
    value: uint256
    data: Bytes[2048]

interface Wallet:
    def initialize(owner: address): nonpayable
    def execute(calls: DynArray[Call, 64], nonce: uint256, deadline: uint256): nonpayable

BEACON: public(address)
operator: public(address)


@external
def deploy(owner: address, code: Bytes[512]) -> address:
    """
    @notice `code` is the proxy's creation code; the salt is of this factory and the owner.
    """
    assert msg.sender == self.operator, "NotOperator"
    wallet: address = raw_create(code, salt=keccak256(abi_encode(self, owner)))
    extcall Wallet(wallet).initialize(owner)
    return wallet


@external
def execute(wallet: address, calls: DynArray[Call, 64], nonce: uint256, deadline: uint256):
    assert msg.sender == self.operator, "NotOperator"
    extcall Wallet(wallet).execute(calls, nonce, deadline)
