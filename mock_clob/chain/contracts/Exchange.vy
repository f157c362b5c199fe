# pragma version 0.4.3
# pragma evm-version cancun
"""
@title  Exchange: moves what the venue's matches move, under the traders' own allowances
@notice Orders are checked by the venue before they match, so no signature comes here; the real
        contract checks it again in matchOrders. Without allowance or balance a batch reverts.
        Where `pusd` is set, traders pay and receive pUSD, which is unwrapped to split and
        wrapped after a merge: outcome tokens are always backed by USDC.e.
"""

interface Token:
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable
    def transfer(to: address, amount: uint256) -> bool: nonpayable

interface Pusd:
    def mint(to: address, amount: uint256): nonpayable
    def redeem(to: address, amount: uint256): nonpayable

interface ConditionalTokens:
    def safeTransferFrom(
        sender: address, to: address, id: uint256, amount: uint256, data: Bytes[1]
    ): nonpayable
    def splitPosition(
        collateral: address,
        parent: bytes32,
        condition_id: bytes32,
        partition: DynArray[uint256, 2],
        amount: uint256,
    ): nonpayable
    def mergePositions(
        collateral: address,
        parent: bytes32,
        condition_id: bytes32,
        partition: DynArray[uint256, 2],
        amount: uint256,
    ): nonpayable

event OrderFilled:
    orderHash: indexed(bytes32)
    maker: indexed(address)
    taker: indexed(address)
    makerAssetId: uint256  # 0 is collateral
    takerAssetId: uint256
    makerAmountFilled: uint256
    takerAmountFilled: uint256
    fee: uint256

flag Kind:
    COMPLEMENTARY  # a buyer and a seller of one token
    MINT  # two buyers
    MERGE  # two sellers

struct Match:
    kind: Kind
    condition_id: bytes32
    taker: address
    maker: address
    taker_token: uint256
    maker_token: uint256
    taker_buys: bool
    shares: uint256
    taker_collateral: uint256
    maker_collateral: uint256
    taker_order: bytes32
    maker_order: bytes32
    fee: uint256  # the taker's: shares where a buyer pays in USDC.e, else collateral

struct Filled:
    shares: uint256
    collateral: uint256
    fee: uint256

MAX_MATCHES: constant(uint256) = 256

operator: public(address)
ctf: public(ConditionalTokens)
asset: public(Token)  # USDC.e
pusd: public(address)  # zero on the exchanges that settle in USDC.e


@external
def settle(matches: DynArray[Match, MAX_MATCHES]):
    """
    @notice Settles matches in order. Those of one taker order stand together: it gets one
            OrderFilled for all of them, against this contract, as on the real exchange.
    """
    assert msg.sender == self.operator, "NotOperator"
    filled: Filled = empty(Filled)
    last: uint256 = len(matches) - 1
    for i: uint256 in range(len(matches), bound=MAX_MATCHES):
        m: Match = matches[i]
        if m.kind == Kind.COMPLEMENTARY:
            self._swap(m)
        elif m.kind == Kind.MINT:
            self._mint(m)
        else:
            self._merge(m)
        maker_buys: bool = m.taker_buys != (m.kind == Kind.COMPLEMENTARY)
        self._log(
            m.maker_order,
            m.maker,
            m.taker,
            maker_buys,
            m.maker_token,
            m.shares,
            m.maker_collateral,
            0,
        )
        filled.shares += m.shares
        filled.collateral += m.taker_collateral
        filled.fee += m.fee
        if i == last or matches[i + 1].taker_order != m.taker_order:
            self._log(
                m.taker_order,
                m.taker,
                self,
                m.taker_buys,
                m.taker_token,
                filled.shares,
                filled.collateral,
                filled.fee,
            )
            filled = empty(Filled)


@external
def onERC1155Received(
    operator: address, sender: address, id: uint256, amount: uint256, data: Bytes[1024]
) -> bytes4:
    return 0xf23a6e61


@external
def onERC1155BatchReceived(
    operator: address,
    sender: address,
    ids: DynArray[uint256, 64],
    amounts: DynArray[uint256, 64],
    data: Bytes[1024],
) -> bytes4:
    return 0xbc197c81


@internal
def _swap(m: Match):
    assert m.taker_token == m.maker_token, "a complementary match is of one token"
    assert m.taker_collateral == m.maker_collateral, "what is paid is not what is received"
    if m.taker_buys:
        assert extcall self._money().transferFrom(m.taker, m.maker, m.taker_collateral)
        self._send_bought(m, m.maker)
    else:
        assert extcall self._money().transferFrom(m.maker, m.taker, m.taker_collateral - m.fee)
        if m.fee > 0:
            assert extcall self._money().transferFrom(m.maker, self.operator, m.fee)
        self._send_shares(m.taker, m.maker, m.taker_token, m.shares)


@internal
def _mint(m: Match):
    assert m.taker_buys, "a mint is of two buyers"
    assert m.taker_collateral + m.maker_collateral == m.shares, "a pair costs one dollar"
    assert extcall self._money().transferFrom(m.taker, self, m.taker_collateral)
    assert extcall self._money().transferFrom(m.maker, self, m.maker_collateral)
    if self.pusd != empty(address):
        extcall Pusd(self.pusd).redeem(self, m.shares)
    extcall self.ctf.splitPosition(
        self.asset.address, empty(bytes32), m.condition_id, [1, 2], m.shares
    )
    self._send_bought(m, self)
    self._send_shares(self, m.maker, m.maker_token, m.shares)


@internal
def _merge(m: Match):
    assert not m.taker_buys, "a merge is of two sellers"
    assert m.taker_collateral + m.maker_collateral == m.shares, "a pair yields one dollar"
    self._send_shares(m.taker, self, m.taker_token, m.shares)
    self._send_shares(m.maker, self, m.maker_token, m.shares)
    extcall self.ctf.mergePositions(
        self.asset.address, empty(bytes32), m.condition_id, [1, 2], m.shares
    )
    if self.pusd == empty(address):
        assert extcall self.asset.transfer(m.taker, m.taker_collateral - m.fee)
        assert extcall self.asset.transfer(m.maker, m.maker_collateral)
        if m.fee > 0:
            assert extcall self.asset.transfer(self.operator, m.fee)
    else:
        assert extcall self.asset.transfer(self.pusd, m.shares)
        extcall Pusd(self.pusd).mint(m.taker, m.taker_collateral - m.fee)
        extcall Pusd(self.pusd).mint(m.maker, m.maker_collateral)
        if m.fee > 0:
            extcall Pusd(self.pusd).mint(self.operator, m.fee)


@internal
def _send_bought(m: Match, source: address):
    """
    @notice What a buying taker gets, and its fee: collateral on top since CLOB V2, before that
            a part of the shares. It goes to the operator.
    """
    if m.fee == 0:
        self._send_shares(source, m.taker, m.taker_token, m.shares)
    elif self.pusd == empty(address):
        self._send_shares(source, m.taker, m.taker_token, m.shares - m.fee)
        self._send_shares(source, self.operator, m.taker_token, m.fee)
    else:
        self._send_shares(source, m.taker, m.taker_token, m.shares)
        assert extcall self._money().transferFrom(m.taker, self.operator, m.fee)


@view
@internal
def _money() -> Token:
    return self.asset if self.pusd == empty(address) else Token(self.pusd)


@internal
def _send_shares(sender: address, to: address, id: uint256, amount: uint256):
    extcall self.ctf.safeTransferFrom(sender, to, id, amount, b"")


@internal
def _log(
    order: bytes32,
    maker: address,
    taker: address,
    buys: bool,
    token: uint256,
    shares: uint256,
    collateral: uint256,
    fee: uint256,
):
    log OrderFilled(
        orderHash=order,
        maker=maker,
        taker=taker,
        makerAssetId=0 if buys else token,
        takerAssetId=token if buys else 0,
        makerAmountFilled=collateral if buys else shares,
        takerAmountFilled=shares if buys else collateral,
        fee=fee,
    )
