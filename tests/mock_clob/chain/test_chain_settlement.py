"""Settling matches: what each kind moves, and that nothing moves where something is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from web3 import Web3

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.evm import Chain, ChainError, Match, Reverted
from mock_clob.chain.genesis import Condition
from mock_clob.scenario import HOUSE

ALICE, BOB, OPERATOR = ACCOUNTS[0].address, ACCOUNTS[1].address, ACCOUNTS[9].address
EXCHANGES = [
    ("exchange_v1", "usdc_e"),
    ("neg_risk_exchange_v1", "usdc_e"),
    ("exchange_v2", "pusd"),
    ("neg_risk_exchange_v2", "pusd"),
    ("exchange_v3", "pusd"),
]
Make = Callable[..., Match]


class Holdings:
    """What changed for one owner since this was made."""

    def __init__(self, chain: Chain, token: str, owner: str, market: Condition) -> None:
        self.chain, self.token, self.owner = chain, token, owner
        self.market = market
        self.before = self._now()

    def changes(self) -> dict[str, int]:
        now = self._now()
        return {name: now[name] - self.before[name] for name in now}

    def _now(self) -> dict[str, int]:
        return {
            "collateral": self.chain.balance(self.token, self.owner),
            "yes": self.chain.position_balance(self.owner, self.market.yes),
            "no": self.chain.position_balance(self.owner, self.market.no),
        }


def market_of(chain: Chain, exchange: str) -> Condition:
    """A market that trades there: of position ids on exchange 3."""
    on_3 = exchange == "exchange_v3"
    return next(each for each in chain.genesis.conditions if each.version_2 is on_3)


@pytest.mark.parametrize(("exchange", "collateral"), EXCHANGES)
@pytest.mark.parametrize(
    ("kind", "side", "taker", "maker"),
    [
        ("complementary", "BUY", (-5_200_000, 10_000_000, 0), (5_200_000, -10_000_000, 0)),
        ("complementary", "SELL", (5_200_000, -10_000_000, 0), (-5_200_000, 10_000_000, 0)),
        ("mint", "BUY", (-5_200_000, 10_000_000, 0), (-4_800_000, 0, 10_000_000)),
        ("merge", "SELL", (5_200_000, -10_000_000, 0), (4_800_000, 0, -10_000_000)),
    ],
)
def test_match_moves_collateral_and_shares(
    chain: Chain,
    match: Make,
    exchange: str,
    collateral: str,
    kind: str,
    side: str,
    taker: tuple[int, int, int],
    maker: tuple[int, int, int],
) -> None:
    token = getattr(chain.contracts, collateral)
    market = market_of(chain, exchange)
    alice, house = (Holdings(chain, token, who, market) for who in (ALICE, HOUSE.address))
    settled = match(
        kind,
        taker_side=side,
        condition_id=market.condition_id,
        taker_token_id=market.yes,
        maker_token_id=market.yes if kind == "complementary" else market.no,
    )

    chain.settle(getattr(chain.contracts, exchange), [settled])

    names = ("collateral", "yes", "no")
    assert alice.changes() == dict(zip(names, taker, strict=True))
    assert house.changes() == dict(zip(names, maker, strict=True))


def test_batch_is_one_transaction(chain: Chain, match: Make) -> None:
    transaction_hash = chain.settle(chain.contracts.exchange_v1, [match(), match("mint")])

    found = chain.receipt(bytes.fromhex(transaction_hash[2:]))
    assert found is not None
    assert chain.block_number == 1
    assert found[1].error is None


def test_fills_are_logged_by_maker_and_once_for_the_taker(
    chain: Chain, match: Make, w3: Web3
) -> None:
    yes, no = chain.genesis.conditions[0].yes, chain.genesis.conditions[0].no
    exchange = chain.contracts.exchange_v1
    other = match(taker_order_id="0x" + "cc" * 32, taker_side="SELL")

    chain.settle(exchange, [match(), match("mint"), other])

    contract = w3.eth.contract(Web3.to_checksum_address(exchange), abi=artefact("Exchange").abi)
    events = contract.events.OrderFilled().get_logs(from_block=1)
    assert [
        (
            event["args"]["orderHash"].hex()[:2],
            event["args"]["maker"],
            event["args"]["taker"],
            event["args"]["makerAssetId"],
            event["args"]["takerAssetId"],
            event["args"]["makerAmountFilled"],
            event["args"]["takerAmountFilled"],
            event["args"]["fee"],
        )
        for event in events
    ] == [
        ("bb", HOUSE.address, ALICE, yes, 0, 10_000_000, 5_200_000, 0),
        ("bb", HOUSE.address, ALICE, 0, no, 4_800_000, 10_000_000, 0),
        ("aa", ALICE, exchange, 0, yes, 10_400_000, 20_000_000, 0),
        ("bb", HOUSE.address, ALICE, 0, yes, 5_200_000, 10_000_000, 0),
        ("cc", ALICE, exchange, yes, 0, 10_000_000, 5_200_000, 0),
    ]


def test_missing_allowance_reverts_and_moves_nothing(chain: Chain, match: Make) -> None:
    chain.deposit(chain.contracts.usdc_e, OPERATOR, 50_000_000)

    with pytest.raises(Reverted, match="ERC20: transfer amount exceeds allowance"):
        chain.settle(chain.contracts.exchange_v1, [match(), match(taker=OPERATOR)])

    assert chain.block_number == 1
    assert chain.position_balance(ALICE, chain.genesis.conditions[0].yes) == 100_000_000
    assert chain.balance(chain.contracts.usdc_e, OPERATOR) == 50_000_000


def test_allowance_to_another_exchange_does_not_count(chain: Chain, match: Make, w3: Web3) -> None:
    c = chain.contracts
    _approve(w3, c.usdc_e, c.exchange_v1, 0)

    with pytest.raises(Reverted, match="exceeds allowance"):
        chain.settle(c.exchange_v1, [match()])
    chain.settle(c.neg_risk_exchange_v1, [match()])


def test_limited_allowance_is_used_up(chain: Chain, match: Make, w3: Web3) -> None:
    c = chain.contracts
    _approve(w3, c.usdc_e, c.exchange_v1, 10_400_000)

    chain.settle(c.exchange_v1, [match(), match()])

    assert chain.allowance(c.usdc_e, ALICE, c.exchange_v1) == 0
    with pytest.raises(Reverted, match="exceeds allowance"):
        chain.settle(c.exchange_v1, [match()])


@pytest.mark.usefixtures("unchanged")
def test_insufficient_balance_reverts(chain: Chain, match: Make) -> None:
    dear = match(shares=20_001_000_000, taker_collateral=10**10 + 1, maker_collateral=10**10 + 1)

    with pytest.raises(Reverted, match="ERC20: transfer amount exceeds balance"):
        chain.settle(chain.contracts.exchange_v1, [dear])


@pytest.mark.usefixtures("unchanged")
def test_seller_without_the_shares_reverts(chain: Chain, match: Make) -> None:
    with pytest.raises(Reverted, match="SafeMath: subtraction overflow"):
        chain.settle(chain.contracts.exchange_v1, [match(taker=BOB, taker_side="SELL")])


def test_seller_without_approval_reverts(chain: Chain, match: Make, w3: Web3) -> None:
    c = chain.contracts
    contract = w3.eth.contract(
        Web3.to_checksum_address(c.ctf), abi=artefact("ConditionalTokens").abi
    )
    contract.functions.setApprovalForAll(c.exchange_v1, False).transact()

    with pytest.raises(Reverted, match="need operator approval for 3rd party transfers"):
        chain.settle(c.exchange_v1, [match(taker_side="SELL")])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("complementary", {"taker_collateral": 5_200_001}, "what is paid is not what is received"),
        ("complementary", {"maker_token_id": 1}, "of one token"),
        ("mint", {"maker_collateral": 4_800_001}, "a pair costs one dollar"),
        ("mint", {"taker_side": "SELL"}, "two buyers"),
        ("merge", {"maker_collateral": 4_700_000}, "a pair yields one dollar"),
        ("merge", {"taker_side": "BUY"}, "two sellers"),
        ("mint", {"condition_id": "0x" + "00" * 32}, "condition not prepared yet"),
    ],
)
def test_match_that_does_not_add_up_is_refused(
    chain: Chain, match: Make, kind: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Reverted, match=reason):
        chain.settle(chain.contracts.exchange_v1, [match(kind, **changes)])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("count", [0, 257])
def test_batch_of_no_or_too_many_matches_is_refused(chain: Chain, match: Make, count: int) -> None:
    with pytest.raises(ChainError, match=f"takes 1 to 256 matches, not {count}"):
        chain.settle(chain.contracts.exchange_v1, [match()] * count)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("contract", "address", "function", "arguments", "reason"),
    [
        ("Exchange", "exchange_v1", "settle", (32, 0), "NotOperator"),
        ("Usdc", "usdc_e", "mint", (raw(ALICE), 1), "only the owner mints"),
        ("Pusd", "pusd", "mint", (raw(ALICE), 1), "only a ramp mints"),
        ("Pusd", "pusd", "redeem", (raw(ALICE), 1), "only a ramp redeems"),
        ("ConditionalTokens", "ctf", "registerCondition", (1, 2, 3, 4), "only the operator"),
        ("ConditionalTokens", "ctf", "reportPayouts", (1, 64, 2, 1, 0), "only the operator"),
    ],
)
def test_only_the_operator_may(
    chain: Chain,
    contract: str,
    address: str,
    function: str,
    arguments: tuple[int | bytes, ...],
    reason: str,
) -> None:
    data = artefact(contract).call(function, *arguments)

    with pytest.raises(Reverted, match=reason):
        chain.call(raw(getattr(chain.contracts, address)), data, sender=raw(ALICE))


@pytest.mark.usefixtures("unchanged")
def test_pusd_without_backing_cannot_be_minted(chain: Chain) -> None:
    data = artefact("Pusd").call("mint", raw(ALICE), 1)

    with pytest.raises(Reverted, match="pUSD is not backed"):
        chain.call(raw(chain.contracts.pusd), data, sender=raw(OPERATOR))


@pytest.mark.parametrize("token", ["usdc_e", "usdc", "pusd"])
def test_deposit_gives_new_money(chain: Chain, token: str) -> None:
    address = getattr(chain.contracts, token)
    before = chain.balance(address, BOB)

    chain.deposit(address, BOB, 7)

    assert chain.balance(address, BOB) == before + 7
    assert chain.block_number == 1


def test_new_market_can_be_registered_once_and_traded(chain: Chain, match: Make) -> None:
    condition = "0x" + "12" * 32
    chain.register_market(condition, 12, 13, chain.contracts.usdc_e)

    chain.settle(
        chain.contracts.exchange_v2,
        [match("mint", condition_id=condition, taker_token_id=12, maker_token_id=13)],
    )

    assert chain.position_balance(ALICE, 12) == 10_000_000
    assert chain.position_balance(HOUSE.address, 13) == 10_000_000
    with pytest.raises(Reverted, match="condition already prepared"):
        chain.register_market(condition, 14, 15, chain.contracts.usdc_e)


def test_touched_names_every_balance_and_allowance_that_changed(
    chain: Chain, match: Make, w3: Web3
) -> None:
    c, market = chain.contracts, chain.genesis.conditions[0]
    chain.settle(c.exchange_v1, [match()])
    chain.settle(c.exchange_v1, [match("merge")])
    ctf = w3.eth.contract(Web3.to_checksum_address(c.ctf), abi=artefact("ConditionalTokens").abi)
    ctf.functions.setApprovalForAll(c.exchange_v1, False).transact()
    ctf.functions.safeBatchTransferFrom(ALICE, BOB, [market.yes, market.no], [1, 2], b"").transact()

    alice, bob, house = ALICE.lower(), BOB.lower(), HOUSE.address.lower()
    yes, no = str(market.yes), str(market.no)
    assert chain.touched(1, 1) == {
        (alice, c.usdc_e),
        (house, c.usdc_e),
        (alice, yes),
        (house, yes),
    }
    assert {(alice, yes), (house, no), (house, c.usdc_e)} <= chain.touched(2, 2)
    assert (c.exchange_v1.lower(), no) in chain.touched(2, 2)  # by TransferBatch
    assert chain.touched(3, 3) == {(alice, c.ctf)}
    assert chain.touched(4, 4) == {(alice, yes), (alice, no), (bob, yes), (bob, no)}
    assert chain.touched(5, 9) == set()


def _approve(w3: Web3, token: str, spender: str, amount: int) -> None:
    contract = w3.eth.contract(Web3.to_checksum_address(token), abi=artefact("Usdc").abi)
    contract.functions.approve(spender, amount).transact()
