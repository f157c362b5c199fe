"""Positions split, merged, redeemed and converted through the contracts, by web3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from web3 import Web3
from web3.exceptions import ContractLogicError

from mock_clob import protocol_v2
from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact
from mock_clob.chain.evm import Chain
from mock_clob.chain.genesis import Condition
from mock_clob.contracts import CONTRACTS
from mock_clob.model import UNIT

ALICE = ACCOUNTS[0].address
C = CONTRACTS[137]
NOTHING = b"\0" * 32
TEN = 10 * UNIT


@pytest.fixture
def at(w3: Web3) -> Callable[[str, str], Any]:
    """at(contract, address): the contract's functions as account 0 calls them."""

    def make(contract: str, address: str) -> Any:
        place = w3.to_checksum_address(address)
        return w3.eth.contract(place, abi=artefact(contract).abi).functions

    return make


def condition(chain: Chain, *, neg_risk: bool = False) -> Condition:
    found = [each for each in chain.genesis.conditions if not each.version_2 and not each.payouts]
    return next(each for each in found if bool(each.neg_risk_market) is neg_risk)


def held(chain: Chain, one: Condition) -> tuple[int, int, int]:
    """(pUSD, YES, NO) of account 0."""
    positions = [chain.position_balance(ALICE, token) for token in (one.yes, one.no)]
    return chain.balance(C.pusd, ALICE), positions[0], positions[1]


def changes(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(new - old for old, new in zip(before, after, strict=True))


ADAPTERS = [(C.collateral_adapter, False), (C.neg_risk_collateral_adapter, True)]


@pytest.mark.parametrize(("adapter", "neg_risk"), ADAPTERS)
def test_adapter_splits_and_merges_pusd(
    chain: Chain, at: Callable[[str, str], Any], adapter: str, neg_risk: bool
) -> None:
    one, call = condition(chain, neg_risk=neg_risk), at("CollateralAdapter", adapter)
    arguments = C.pusd, NOTHING, one.condition_id, [1, 2], TEN
    start = held(chain, one)

    call.splitPosition(*arguments).transact()
    assert changes(start, held(chain, one)) == (-TEN, TEN, TEN)

    call.mergePositions(*arguments).transact()
    assert held(chain, one) == start


@pytest.mark.parametrize(("adapter", "neg_risk"), ADAPTERS)
@pytest.mark.parametrize(
    ("payouts", "paid"), [((1, 0), TEN), ((0, 1), TEN), ((1, 1), TEN)], ids=str
)
def test_adapter_redeems_both_outcomes_of_a_resolved_condition(
    chain: Chain,
    at: Callable[[str, str], Any],
    adapter: str,
    neg_risk: bool,
    payouts: tuple[int, int],
    paid: int,
) -> None:
    one, call = condition(chain, neg_risk=neg_risk), at("CollateralAdapter", adapter)
    call.splitPosition(C.pusd, NOTHING, one.condition_id, [1, 2], TEN).transact()
    before = held(chain, one)
    redeeming = call.redeemPositions(C.pusd, NOTHING, one.condition_id, [1, 2])
    with pytest.raises(ContractLogicError, match="result for condition not received yet"):
        redeeming.transact()

    chain.report_payouts(one.condition_id, payouts)
    redeeming.transact()

    pusd, yes, no = held(chain, one)
    worth = (before[1] * payouts[0] + before[2] * payouts[1]) // sum(payouts)
    assert (pusd - before[0], yes, no) == (worth, 0, 0)
    assert worth >= paid


@pytest.mark.parametrize(("adapter", "neg_risk"), ADAPTERS)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"condition": True}, "the condition is the other adapter's"),
        ({"collateral": C.usdc_e}, "the collateral is pUSD"),
        ({"parent": b"\1" * 32}, "parent collections"),
        ({"partition": [1]}, "the partition is"),
        ({"partition": [2, 1]}, "the partition is"),
        ({"amount": 10**15}, "ERC20: transfer amount exceeds balance"),
    ],
)
def test_adapter_refuses(
    chain: Chain,
    at: Callable[[str, str], Any],
    adapter: str,
    neg_risk: bool,
    arguments: dict[str, Any],
    words: str,
) -> None:
    other = "condition" in arguments
    one = condition(chain, neg_risk=neg_risk is not other)
    given = (
        arguments.get("collateral", C.pusd),
        arguments.get("parent", NOTHING),
        one.condition_id,
        arguments.get("partition", [1, 2]),
        arguments.get("amount", TEN),
    )

    with pytest.raises(ContractLogicError, match=words):
        at("CollateralAdapter", adapter).splitPosition(*given).transact()


def test_neg_risk_adapter_splits_merges_and_redeems_usdc_e(
    chain: Chain, at: Callable[[str, str], Any]
) -> None:
    one, call = condition(chain, neg_risk=True), at("NegRiskAdapter", C.neg_risk_adapter)
    start = chain.balance(C.usdc_e, ALICE)

    call.splitPosition(one.condition_id, TEN).transact()
    call.mergePositions(one.condition_id, 4 * UNIT).transact()
    assert chain.balance(C.usdc_e, ALICE) == start - 6 * UNIT
    assert call.balanceOfBatch([ALICE, ALICE], [one.yes, one.no]).call() == [6 * UNIT, 6 * UNIT]

    chain.report_payouts(one.condition_id, (0, 1))
    call.redeemPositions(one.condition_id, [6 * UNIT, 2 * UNIT]).transact()
    assert chain.balance(C.usdc_e, ALICE) == start - 4 * UNIT
    assert call.balanceOf(ALICE, one.no).call() == 4 * UNIT


def test_neg_risk_adapter_takes_no_other_condition(
    chain: Chain, at: Callable[[str, str], Any]
) -> None:
    one = condition(chain)

    with pytest.raises(ContractLogicError, match="not a neg-risk condition"):
        at("NegRiskAdapter", C.neg_risk_adapter).splitPosition(one.condition_id, 1).transact()


@pytest.mark.parametrize("winner", range(3))
@pytest.mark.parametrize("index_set", range(1, 8))
def test_converted_positions_are_worth_what_they_were(
    chain: Chain, at: Callable[[str, str], Any], index_set: int, winner: int
) -> None:
    call = at("NegRiskAdapter", C.neg_risk_adapter)
    market = condition(chain, neg_risk=True).neg_risk_market
    questions = [each for each in chain.genesis.conditions if each.neg_risk_market == market]
    chosen = [one for index, one in enumerate(questions) if index_set >> index & 1]
    for one in chosen:
        call.splitPosition(one.condition_id, TEN).transact()
    before = chain.balance(C.usdc_e, ALICE)
    pool = chain.balance(C.usdc_e, C.ctf)

    call.convertPositions(market, index_set, TEN).transact()

    assert chain.balance(C.usdc_e, ALICE) - before == TEN * (len(chosen) - 1)
    for one in questions:
        assert chain.position_balance(ALICE, one.no) == 0
        assert chain.position_balance(ALICE, one.yes) == TEN  # split off, or converted into
    for index, one in enumerate(questions):
        chain.report_payouts(one.condition_id, (1, 0) if index == winner else (0, 1))
        call.redeemPositions(
            one.condition_id, [chain.position_balance(ALICE, one.yes), 0]
        ).transact()
    # One YES of the winner, on top of a dollar for each NO but one: k or k - 1 and the YES.
    assert chain.balance(C.usdc_e, ALICE) - before == TEN * len(chosen)
    assert chain.balance(C.usdc_e, C.ctf) == pool - TEN * len(chosen)


@pytest.mark.parametrize(
    ("market", "index_set", "words"),
    [
        ("0x" + "12" * 32, 1, "MarketNotPrepared"),
        ("", 0, "NoConvertiblePositions"),
        ("", 8, "InvalidIndexSet"),
        ("", 1, "SafeMath: subtraction overflow"),
    ],
)
def test_conversion_refuses(
    chain: Chain, at: Callable[[str, str], Any], market: str, index_set: int, words: str
) -> None:
    call = at("NegRiskAdapter", C.neg_risk_adapter)
    market = market or condition(chain, neg_risk=True).neg_risk_market

    with pytest.raises(ContractLogicError, match=words):
        call.convertPositions(market, index_set, TEN).transact()


def test_nobody_else_converts(chain: Chain, at: Callable[[str, str], Any]) -> None:
    one = condition(chain)

    with pytest.raises(ContractLogicError, match="only the neg-risk adapter"):
        at("ConditionalTokens", C.ctf).convert(
            C.usdc_e, ALICE, [one.yes], [one.no], 1, 1
        ).transact()


def test_neg_risk_market_on_the_chain_is_the_one_that_gamma_tells(chain: Chain) -> None:
    from mock_clob.gamma.catalog import Event
    from mock_clob.scenario import listings

    winners = tuple(each.market for each in listings(137) if each.market.neg_risk)
    event = Event(1, "winner", "Winner", winners)

    assert event.neg_risk_market_id == condition(chain, neg_risk=True).neg_risk_market


# Protocol V2


def test_router_splits_merges_and_redeems_positions(
    chain: Chain, at: Callable[[str, str], Any]
) -> None:
    market = protocol_v2.OPEN
    one = next(e for e in chain.genesis.conditions if e.condition_id == market.condition_id)
    call, short = at("Router", C.router), market.condition_id[:-2]
    start = held(chain, one)

    call.split(short, TEN).transact()
    assert changes(start, held(chain, one)) == (-TEN, TEN, TEN)
    call.merge(short, 4 * UNIT).transact()
    assert changes(start, held(chain, one)) == (-6 * UNIT, 6 * UNIT, 6 * UNIT)
    with pytest.raises(ContractLogicError, match="result for condition not received yet"):
        call.redeem(short, 0, UNIT).transact()

    chain.report_payouts(market.condition_id, (0, 1))
    call.redeem(short, 0, UNIT).transact()
    call.redeem(short, 1, UNIT).transact()

    assert changes(start, held(chain, one)) == (-5 * UNIT, 5 * UNIT, 5 * UNIT)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("0x01" + "00" * 30, 0, 1), "condition not prepared yet"),
        ((protocol_v2.RESOLVED.condition_id[:-2], 2, 1), "not an outcome"),
        ((protocol_v2.RESOLVED.condition_id[:-2], 0, 10**12), "subtraction overflow"),
    ],
)
def test_router_refuses(
    chain: Chain, at: Callable[[str, str], Any], arguments: tuple[str, int, int], words: str
) -> None:
    with pytest.raises(ContractLogicError, match=words):
        at("Router", C.router).redeem(*arguments).transact()
