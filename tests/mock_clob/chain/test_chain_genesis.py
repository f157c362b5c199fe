"""Block 0: what the ledger says at the start, the chain says too, and all of it is backed."""

from __future__ import annotations

import dataclasses

import pytest

from mock_clob import scenario
from mock_clob.chain.artefacts import raw
from mock_clob.chain.evm import Chain
from mock_clob.chain.genesis import UNLIMITED
from mock_clob.ledger import COLLATERAL


def test_holdings_are_those_of_the_scenario(chain: Chain) -> None:
    c = chain.contracts
    for owner, asset, amount in scenario.holdings(137):
        if asset == COLLATERAL:
            assert chain.balance(c.usdc_e, owner) == chain.balance(c.pusd, owner) == amount
        else:
            assert chain.position_balance(owner, int(asset)) == amount


def test_shares_and_pusd_are_backed_by_usdc_e(chain: Chain) -> None:
    c = chain.contracts
    traders = {owner for _, owner, _ in chain.genesis.balances}
    pairs = sum(
        chain.position_balance(trader, condition.yes)
        for condition in chain.genesis.conditions
        for trader in traders
    )
    pusd = sum(chain.balance(c.pusd, trader) for trader in traders)
    supply = chain.call(raw(c.usdc_e), bytes.fromhex("18160ddd"))  # totalSupply()

    held = [chain.balance(c.usdc_e, store) for store in (c.ctf, c.position_manager)]
    assert sum(held) == pairs
    assert min(held) > 0
    assert chain.balance(c.usdc_e, c.pusd) == pusd > 0
    assert int.from_bytes(supply, "big") == pairs + pusd + sum(
        chain.balance(c.usdc_e, trader) for trader in traders
    )


def test_traders_have_allowed_each_exchange_its_own_collateral(chain: Chain) -> None:
    c, trader = chain.contracts, chain.genesis.traders[0]

    assert chain.allowance(c.usdc_e, trader, c.exchange_v1) == UNLIMITED
    assert chain.allowance(c.usdc_e, trader, c.neg_risk_exchange_v1) == UNLIMITED
    assert chain.allowance(c.usdc_e, trader, c.exchange_v2) == 0
    assert chain.allowance(c.pusd, trader, c.exchange_v2) == UNLIMITED
    assert chain.allowance(c.pusd, trader, c.neg_risk_exchange_v2) == UNLIMITED
    assert chain.allowance(c.pusd, trader, c.exchange_v3) == UNLIMITED
    assert chain.allowance(c.pusd, trader, c.exchange_v1) == 0
    assert chain.approved_for_all(trader, c.exchange_v1)
    assert chain.approved_for_all(trader, c.exchange_v3)


def test_operator_and_strangers_have_allowed_nothing(chain: Chain) -> None:
    c, operator = chain.contracts, chain.genesis.operator

    assert chain.allowance(c.usdc_e, operator, c.exchange_v1) == 0
    assert not chain.approved_for_all(operator, c.exchange_v1)


def test_outcomes_of_unequal_amounts_are_refused() -> None:
    whole = scenario.genesis(137)
    token_id, owner, amount = whole.positions[0]
    lopsided = dataclasses.replace(
        whole, positions=((token_id, owner, amount + 1), *whole.positions[1:])
    )

    with pytest.raises(ValueError, match=r"YES and .* NO at genesis"):
        Chain(genesis=lopsided)


def test_chain_of_another_id_is_amoy() -> None:
    amoy = Chain(scenario.genesis(80002), 80002)

    assert amoy.chain_id == 80002
    assert amoy.balance(amoy.contracts.usdc_e, scenario.USERS[0].address) == 10_000_000_000
