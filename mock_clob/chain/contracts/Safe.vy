# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  Safe: a Gnosis Safe of one owner (signature type 2), with the ABI of version 1.3.0
@notice Signatures are checked here, so that anybody may send them. No modules, no guards, no
        refunds: gas fields must be zero, as the clients sign them.
"""

import receiver

exports: receiver.__interface__

event ExecutionSuccess:
    txHash: bytes32
    payment: uint256

VERSION: public(constant(String[5])) = "1.3.0"
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(uint256 chainId,address verifyingContract)"
)
SAFE_TX_TYPE: constant(bytes32) = keccak256(
    "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)

owner: address
nonce: public(uint256)


@view
@external
def getOwners() -> DynArray[address, 1]:
    return [self.owner]


@view
@external
def isOwner(owner: address) -> bool:
    return owner == self.owner


@view
@external
def getThreshold() -> uint256:
    return 1


@view
@external
def domainSeparator() -> bytes32:
    return self._domain()


@external
@payable
def execTransaction(
    to: address,
    amount: uint256,
    data: Bytes[16384],
    operation: uint8,
    safe_tx_gas: uint256,
    base_gas: uint256,
    gas_price: uint256,
    gas_token: address,
    refund_receiver: address,
    signatures: Bytes[65],
) -> bool:
    assert safe_tx_gas + base_gas + gas_price == 0, "no refunds in the mock"
    hash: bytes32 = keccak256(
        abi_encode(
            SAFE_TX_TYPE,
            to,
            amount,
            keccak256(data),
            operation,
            safe_tx_gas,
            base_gas,
            gas_price,
            gas_token,
            refund_receiver,
            self.nonce,
        )
    )
    hash = keccak256(concat(b"\x19\x01", self._domain(), hash))
    self.nonce += 1
    self._check(hash, signatures)
    if operation == 1:
        raw_call(to, data, is_delegate_call=True)
    else:
        assert operation == 0, "not an operation"
        raw_call(to, data, value=amount)
    log ExecutionSuccess(txHash=hash, payment=0)
    return True


@view
@internal
def _check(hash: bytes32, signatures: Bytes[65]):
    """
    @notice v of 27 and 28 signs the hash, v of 31 and 32 the hash as an Ethereum message.
    """
    assert len(signatures) == 65, "GS020"
    r: uint256 = convert(slice(signatures, 0, 32), uint256)
    s: uint256 = convert(slice(signatures, 32, 32), uint256)
    v: uint256 = convert(slice(signatures, 64, 1), uint256)
    digest: bytes32 = hash
    if v > 30:
        digest = keccak256(concat(b"\x19Ethereum Signed Message:\n32", hash))
        v -= 4
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address) and signer == self.owner, "GS026"


@view
@internal
def _domain() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, chain.id, self))


@external
@payable
def __default__():
    assert len(msg.data) == 0, "no such function"
