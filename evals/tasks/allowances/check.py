"""The chain's allowance of the one exchange is what was asked for, and the order rests."""

from collections.abc import Iterator

from evals.stage import Stage

GUIDE = "auth/allowances.md"


def prepare(stage: Stage) -> None:
    from polymarket import SecureClient

    account, contracts = stage.venue.account(0), stage.venue.venue.contracts
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        for exchange in (contracts.exchange_v2, contracts.neg_risk_exchange_v2):
            client.approve_erc20(
                token_address=contracts.pusd, spender_address=exchange, amount=0
            ).wait()


def grade(stage: Stage) -> Iterator[str]:
    contracts, wallet = stage.venue.venue.contracts, stage.venue.account(0).address
    chain = stage.venue.venue.chain
    assert chain
    for exchange, dollars in ((contracts.exchange_v2, 500), (contracts.neg_risk_exchange_v2, 0)):
        allowed = chain.allowance(contracts.pusd, wallet, exchange)
        if allowed != dollars * 10**6:
            yield f"{exchange} may take {allowed} base units"
    if [order.price for order in stage.open_orders()] != [400_000]:
        yield f"{len(stage.open_orders())} orders rest"
