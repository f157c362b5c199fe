"""Block 0: the venue's contracts, and who holds and has allowed what, written as storage.

No transaction runs at start-up, and none could: the documentation market's token ids, for one,
belong to no condition that ConditionalTokens would derive them from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eth_typing import Address

from mock_clob.chain.artefacts import artefact, raw
from mock_clob.chain.genesis_wallets import Deployed, deployed, factories
from mock_clob.chain.storage import Account, Storage, account, addresses, long_bytes
from mock_clob.contracts import Contracts
from mock_clob.position_ids import is_position_id

POL = 10**18
POL_EACH = 10_000 * POL
UNLIMITED = 2**256 - 1


@dataclass(frozen=True)
class Condition:
    """A binary condition. `payouts` of (YES, NO) once it is resolved.

    One whose ids are position ids of Protocol V2 is the position manager's.
    """

    condition_id: str
    yes: int
    no: int
    collateral: str
    payouts: tuple[int, int] | None = None
    neg_risk_market: str = ""  # 32 bytes that the conditions of a neg-risk market share

    @property
    def version_2(self) -> bool:
        return is_position_id(str(self.yes))


@dataclass(frozen=True)
class Genesis:
    """What the chain starts with. Amounts in base units of 1e-6; addresses are EIP-55.

    What backs the holdings comes on top: the USDC.e that ConditionalTokens and pUSD hold.
    """

    contracts: Contracts
    operator: str  # a test account: settles, mints, registers conditions, reports payouts
    wallets: tuple[str, ...]  # get POL for gas; only they and the operator may send
    traders: tuple[str, ...]  # have allowed every exchange and adapter their tokens
    conditions: tuple[Condition, ...]
    balances: tuple[tuple[str, str, int], ...]  # (token, owner, amount)
    positions: tuple[tuple[int, str, int], ...]  # (position id, owner, amount)
    deployed: tuple[Deployed, ...] = ()  # smart wallets


def usdc_e_exchanges(c: Contracts) -> tuple[str, ...]:
    return c.exchange_v1, c.neg_risk_exchange_v1


def pusd_exchanges(c: Contracts) -> tuple[str, ...]:
    return c.exchange_v2, c.neg_risk_exchange_v2, c.exchange_v3


def accounts(genesis: Genesis) -> dict[Address, Account]:
    """Raises ValueError where YES and NO of a condition are not equally many."""
    c = genesis.contracts
    result = {raw(wallet): account(balance=POL_EACH) for wallet in genesis.wallets}
    result |= factories(genesis.operator) | deployed(genesis.deployed)
    result |= _money(genesis)
    result |= _adapters(genesis)
    for exchange in (*usdc_e_exchanges(c), *pusd_exchanges(c)):
        storage = addresses(
            "Exchange",
            operator=genesis.operator,
            ctf=c.position_manager if exchange == c.exchange_v3 else c.ctf,
            asset=c.usdc_e,
            pusd=c.pusd if exchange in pusd_exchanges(c) else "0x",
        )
        result[raw(exchange)] = account("Exchange", storage)
    operators = (*usdc_e_exchanges(c), *pusd_exchanges(c), *_adapter_addresses(c))
    for address, version_2 in ((c.ctf, False), (c.position_manager, True)):
        conditions = [each for each in genesis.conditions if each.version_2 is version_2]
        storage = _outcome_tokens(genesis, conditions, (*operators, c.router))
        result[raw(address)] = account("ConditionalTokens", storage)
    return {Address(address): made for address, made in result.items()}


def _adapter_addresses(c: Contracts) -> tuple[str, ...]:
    return c.neg_risk_adapter, c.collateral_adapter, c.neg_risk_collateral_adapter


def _money(genesis: Genesis) -> dict[bytes, Account]:
    """USDC.e, native USDC, pUSD and the ramps between them."""
    c, balances = genesis.contracts, _backed(genesis)
    for_pusd = (*pusd_exchanges(c), *_adapter_addresses(c), c.router)
    for_usdc_e = (*usdc_e_exchanges(c), c.neg_risk_adapter)
    tokens = (
        ("Usdc", c.usdc_e, "USD Coin (PoS)", "USDC", for_usdc_e),
        ("Usdc", c.usdc, "USD Coin", "USDC", ()),
        ("Pusd", c.pusd, "Polymarket USD", "pUSD", for_pusd),
    )
    result = {}
    for contract, address, name, symbol, spenders in tokens:
        storage = _token(contract, name, symbol, genesis.operator, balances[address])
        storage |= {
            artefact(contract).slot("allowance", raw(trader), raw(spender)): UNLIMITED
            for trader in genesis.traders
            for spender in spenders
        }
        result[raw(address)] = account(contract, storage)
    # Whoever splits positions pays with what it has just collected.
    holders = (*usdc_e_exchanges(c), *pusd_exchanges(c), *_adapter_addresses(c), c.router)
    for holder in holders:
        for store in (c.ctf, c.position_manager):
            slot = artefact("Usdc").slot("allowance", raw(holder), raw(store))
            result[raw(c.usdc_e)]["storage"][slot] = UNLIMITED
    pusd = result[raw(c.pusd)]["storage"]
    pusd |= addresses("Pusd", asset=c.usdc_e)
    for ramp in (c.onramp, c.offramp, *for_pusd):
        pusd[artefact("Pusd").slot("ramps", raw(ramp))] = 1
    for contract, address in (("Onramp", c.onramp), ("Offramp", c.offramp)):
        storage = addresses(contract, pusd=c.pusd, asset=c.usdc_e)
        result[raw(address)] = account(contract, storage)
    return result


def _adapters(genesis: Genesis) -> dict[bytes, Account]:
    """What splits, merges, redeems and converts for wallets, and MultiSend for Safes."""
    c = genesis.contracts
    result = {raw(c.safe_multisend): account("MultiSend")}
    result[raw(c.router)] = account(
        "Router", addresses("Router", ctf=c.position_manager, asset=c.usdc_e, pusd=c.pusd)
    )
    for neg_risk, address in enumerate((c.collateral_adapter, c.neg_risk_collateral_adapter)):
        storage = addresses(
            "CollateralAdapter",
            ctf=c.ctf,
            asset=c.usdc_e,
            pusd=c.pusd,
            negRiskAdapter=c.neg_risk_adapter,
        )
        storage[artefact("CollateralAdapter").slot("negRisk")] = neg_risk
        result[raw(address)] = account("CollateralAdapter", storage)
    storage = addresses("NegRiskAdapter", ctf=c.ctf, col=c.usdc_e) | _neg_risk_markets(genesis)
    result[raw(c.neg_risk_adapter)] = account("NegRiskAdapter", storage)
    return result


def _neg_risk_markets(genesis: Genesis) -> Storage:
    slot, storage = artefact("NegRiskAdapter").slot, Storage()
    for condition in genesis.conditions:
        if not condition.neg_risk_market:
            continue
        market, key = raw(condition.neg_risk_market), raw(condition.condition_id)
        count = slot("questionCount", market)
        index = storage.get(count, 0)
        storage[slot("questions", market, index)] = int.from_bytes(key, "big")
        storage[slot("marketOf", key)] = int.from_bytes(market, "big")
        storage[count] = index + 1
    return storage


def _backed(genesis: Genesis) -> dict[str, Counter[str]]:
    """Token -> owner -> amount, with what the contracts hold to back shares and pUSD."""
    c = genesis.contracts
    balances: dict[str, Counter[str]] = {
        c.usdc_e: Counter(),
        c.usdc: Counter(),
        c.pusd: Counter(),
    }
    for token, owner, amount in genesis.balances:
        balances[token][owner] += amount
    shares: Counter[int] = Counter()
    for position_id, _, amount in genesis.positions:
        shares[position_id] += amount
    for condition in genesis.conditions:
        if shares[condition.yes] != shares[condition.no]:
            raise ValueError(
                f"condition {condition.condition_id} has {shares[condition.yes]} YES "
                f"and {shares[condition.no]} NO at genesis"
            )
        store = c.position_manager if condition.version_2 else c.ctf
        balances[condition.collateral][store] += shares[condition.yes]
    balances[c.usdc_e][c.pusd] += balances[c.pusd].total()
    return balances


def _token(contract: str, name: str, symbol: str, owner: str, balances: Counter[str]) -> Storage:
    slots = artefact(contract).slots
    storage = addresses(contract, owner=owner)
    storage[slots["totalSupply"]] = balances.total()
    for variable, text in (("name", name), ("symbol", symbol)):
        storage |= long_bytes(slots[variable], text.encode())
    for holder, amount in balances.items():
        storage[artefact(contract).slot("balanceOf", raw(holder))] = amount
    return storage


def _outcome_tokens(
    genesis: Genesis, conditions: Sequence[Condition], operators: tuple[str, ...]
) -> Storage:
    """ConditionalTokens' storage, or the position manager's, which has the same code."""
    ctf = artefact("ConditionalTokens")
    storage = addresses(
        "ConditionalTokens",
        owner=genesis.operator,
        negRiskAdapter=genesis.contracts.neg_risk_adapter,
    )
    for condition in conditions:
        key = raw(condition.condition_id)
        first = ctf.slot("conditions", key)
        storage[first] = int(condition.collateral, 16)
        storage[first + 1], storage[first + 2] = condition.yes, condition.no
        if condition.payouts:
            storage[ctf.slot("payoutDenominator", key)] = sum(condition.payouts)
            for index, numerator in enumerate(condition.payouts):
                storage[ctf.slot("payoutNumerators", key, index)] = numerator
    ids = {position for each in conditions for position in (each.yes, each.no)}
    for position_id, owner, amount in genesis.positions:
        if position_id in ids:
            slot = ctf.slot("balanceOf", raw(owner), position_id)
            storage[slot] = storage.get(slot, 0) + amount
    for trader in genesis.traders:
        for operator in operators:
            storage[ctf.slot("isApprovedForAll", raw(trader), raw(operator))] = 1
    return storage
