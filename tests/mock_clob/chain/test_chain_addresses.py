"""The contract addresses are those of the installed clients and of the documentation."""

from __future__ import annotations

import dataclasses

import py_clob_client.config
import py_clob_client_v2.config
import pytest
from eth_utils.address import is_checksum_address
from polymarket.environments import PRODUCTION

from mock_clob.chain.artefacts import raw
from mock_clob.chain.evm import Chain
from mock_clob.contracts import CONTRACTS
from mock_clob.scenario import genesis

CHAIN_IDS = sorted(CONTRACTS)


@pytest.mark.parametrize("chain_id", CHAIN_IDS)
def test_addresses_are_those_of_py_clob_client(chain_id: int) -> None:
    ours = CONTRACTS[chain_id]
    plain = py_clob_client.config.get_contract_config(chain_id)
    neg_risk = py_clob_client.config.get_contract_config(chain_id, neg_risk=True)

    assert _lower(plain.exchange, plain.collateral, plain.conditional_tokens) == _lower(
        ours.exchange_v1, ours.usdc_e, ours.ctf
    )
    assert _lower(neg_risk.exchange, neg_risk.collateral) == _lower(
        ours.neg_risk_exchange_v1, ours.usdc_e
    )


@pytest.mark.parametrize("chain_id", CHAIN_IDS)
def test_addresses_are_those_of_py_clob_client_v2(chain_id: int) -> None:
    ours = CONTRACTS[chain_id]
    theirs = py_clob_client_v2.config.get_contract_config(chain_id)

    assert theirs.exchange == ours.exchange_v1
    assert theirs.collateral == ours.pusd
    assert theirs.conditional_tokens == ours.ctf
    assert theirs.neg_risk_adapter == ours.neg_risk_adapter
    assert theirs.exchange_v2 == ours.exchange_v2
    assert theirs.neg_risk_exchange_v2 == ours.neg_risk_exchange_v2
    assert theirs.exchange_v3 == ours.exchange_v3


def test_addresses_are_those_of_polymarket_client() -> None:
    ours, theirs = CONTRACTS[137], PRODUCTION._config

    assert theirs.collateral_token == ours.pusd
    assert theirs.conditional_tokens == ours.ctf
    assert theirs.standard_exchange == ours.exchange_v2
    assert theirs.neg_risk_exchange == ours.neg_risk_exchange_v2
    assert theirs.exchange_v3 == ours.exchange_v3
    assert theirs.neg_risk_adapter == ours.neg_risk_adapter
    assert theirs.collateral_adapter == ours.collateral_adapter
    assert theirs.neg_risk_collateral_adapter == ours.neg_risk_collateral_adapter
    assert theirs.protocol_v2_router == ours.router
    assert theirs.position_manager == ours.position_manager
    assert theirs.safe_multisend == ours.safe_multisend
    assert theirs.relay_hub == ours.relay_hub


@pytest.mark.parametrize("chain_id", CHAIN_IDS)
def test_every_address_has_its_checksum(chain_id: int) -> None:
    wrong = {
        name: address
        for name, address in dataclasses.asdict(CONTRACTS[chain_id]).items()
        if not is_checksum_address(address)
    }

    assert wrong == {}


@pytest.mark.parametrize("chain_id", CHAIN_IDS)
def test_code_stands_at_every_address_but_the_relay_hubs(chain_id: int) -> None:
    contracts = dataclasses.asdict(CONTRACTS[chain_id])
    state = Chain(genesis(chain_id), chain_id).state()

    without = {name for name, address in contracts.items() if not state.get_code(raw(address))}

    assert without == {"relay_hub"}


def _lower(*addresses: str) -> list[str]:
    return [address.lower() for address in addresses]
