# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  ProxyFactory: makes proxy wallets and passes calls on to them
@notice Whoever calls `proxy` acts through the wallet of its own, which is made at the first call.
        The relayer acts for others, in `relay`, after it has checked their signatures; on the
        real chain that is the relay hub's part, which counts the nonces too.
"""

struct Call:
    kind: uint8
    to: address
    value: uint256
    data: Bytes[2048]

interface Wallet:
    def proxy(calls: DynArray[Call, 64]): payable

factory: address  # first, as in ProxyWallet: cloneConstructor runs in a new wallet's storage
operator: public(address)
nonces: public(HashMap[address, uint256])
creationCode: public(Bytes[256])


@external
def cloneConstructor(data: Bytes[32]):
    self.factory = msg.sender


@external
@payable
def proxy(calls: DynArray[Call, 64]):
    self._proxy(msg.sender, calls)


@external
def relay(owner: address, nonce: uint256, calls: DynArray[Call, 64]):
    assert msg.sender == self.operator, "NotOperator"
    assert nonce == self.nonces[owner], "InvalidNonce"
    self.nonces[owner] = nonce + 1
    self._proxy(owner, calls)


@payable
@internal
def _proxy(owner: address, calls: DynArray[Call, 64]):
    salt: bytes32 = keccak256(slice(convert(owner, bytes32), 12, 20))
    code: Bytes[256] = self.creationCode
    place: bytes32 = keccak256(
        concat(0xff, slice(convert(self, bytes32), 12, 20), salt, keccak256(code))
    )
    wallet: address = convert(convert(place, uint256) & (2 ** 160 - 1), address)
    if not wallet.is_contract:
        assert raw_create(code, salt=salt) == wallet
    extcall Wallet(wallet).proxy(calls, value=msg.value)
