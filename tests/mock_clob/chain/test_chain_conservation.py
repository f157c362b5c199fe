"""Whatever happens, no dollar appears or is lost, and every share pair is backed by one."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.evm import Chain, ChainError, Match
from mock_clob.scenario import genesis

CHAIN = Chain(genesis(137))
OWNERS = [account.address for account in ACCOUNTS[:3]] + [ACCOUNTS[8].address]
EXCHANGES = ["exchange_v1", "exchange_v2", "exchange_v3"]
UNIT = 1_000_000


@st.composite
def matches(draw: st.DrawFn) -> tuple[str, list[Match]]:
    return draw(st.sampled_from(EXCHANGES)), draw(st.lists(_match(), min_size=1, max_size=3))


@st.composite
def _match(draw: st.DrawFn) -> Match:
    market = draw(st.sampled_from(CHAIN.genesis.conditions[:2]))
    kind = draw(st.sampled_from(["complementary", "mint", "merge"]))
    shares = draw(st.integers(1, 150 * UNIT))
    paid = draw(st.integers(0, shares))
    tokens = draw(st.permutations([market.yes, market.no]))
    taker, maker = draw(st.permutations(OWNERS))[:2]
    return Match(
        kind=kind,  # type: ignore[arg-type]
        condition_id=market.condition_id,
        taker=taker,
        maker=maker,
        taker_token_id=tokens[0],
        maker_token_id=tokens[0] if kind == "complementary" else tokens[1],
        taker_side=(
            draw(st.sampled_from(["BUY", "SELL"]))  # type: ignore[arg-type]
            if kind == "complementary"
            else {"mint": "BUY", "merge": "SELL"}[kind]
        ),
        shares=shares,
        taker_collateral=paid,
        maker_collateral=paid if kind == "complementary" else shares - paid,
        taker_order_id="0x" + "01" * 32,
        maker_order_id="0x" + "02" * 32,
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(matches(), min_size=1, max_size=5))
def test_settlements_conserve_dollars_and_back_shares(
    batches: list[tuple[str, list[Match]]],
) -> None:
    CHAIN.reset()
    before = _dollars()
    for exchange, batch in batches:
        blocks = CHAIN.block_number
        try:
            CHAIN.settle(getattr(CHAIN.contracts, exchange), batch)
        except ChainError:
            assert CHAIN.block_number == blocks

    assert _dollars() == before
    assert _supply(CHAIN.contracts.usdc_e) == before
    assert _supply(CHAIN.contracts.pusd) == CHAIN.balance(
        CHAIN.contracts.usdc_e, CHAIN.contracts.pusd
    )
    pairs = 0
    for condition in CHAIN.genesis.conditions:
        yes, no = _outstanding(condition.yes), _outstanding(condition.no)
        assert yes == no
        pairs += yes
    c = CHAIN.contracts
    assert CHAIN.balance(c.usdc_e, c.ctf) + CHAIN.balance(c.usdc_e, c.position_manager) == pairs
    for exchange in EXCHANGES:  # nothing stays with those who only pass it on
        address = getattr(CHAIN.contracts, exchange)
        assert CHAIN.balance(CHAIN.contracts.usdc_e, address) == 0
        assert CHAIN.balance(CHAIN.contracts.pusd, address) == 0
        for condition in CHAIN.genesis.conditions:
            assert CHAIN.position_balance(address, condition.yes) == 0
            assert CHAIN.position_balance(address, condition.no) == 0


def _dollars() -> int:
    """USDC.e of everybody, the contracts that back shares and pUSD included."""
    c = CHAIN.contracts
    holders = {*_traders(), c.ctf, c.position_manager, c.pusd}
    return sum(CHAIN.balance(c.usdc_e, owner) for owner in holders)


def _outstanding(token_id: int) -> int:
    return sum(CHAIN.position_balance(owner, token_id) for owner in _traders())


def _traders() -> Iterable[str]:
    return {owner for _, owner, _ in CHAIN.genesis.balances}


def _supply(token: str) -> int:
    return int.from_bytes(CHAIN.call(raw(token), artefact("Usdc").call("totalSupply")), "big")
