"""Approve one exchange for as much pUSD as you mean to trade with, and for the shares you sell."""

from __future__ import annotations

from decimal import Decimal

from polymarket import SecureClient
from secure_client import secure_client

PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
SHARES = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"  # ConditionalTokens, ERC-1155
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"
NEG_RISK_EXCHANGE = "0xe2222d279d744050d28e00520010520000310F59"


def approve(client: SecureClient, dollars: Decimal, exchange: str = EXCHANGE) -> None:
    """Set what `exchange` may take: so many dollars of pUSD, and every share. 0 takes both back.

    Waits for the transactions. Fills use the dollars up; an order they do not cover is refused.
    """
    client.approve_erc20(
        token_address=PUSD, spender_address=exchange, amount=int(dollars.scaleb(6))
    ).wait()
    client.approve_erc1155_for_all(
        token_address=SHARES, operator_address=exchange, approved=dollars > 0
    ).wait()


if __name__ == "__main__":
    with secure_client() as client:
        approve(client, Decimal(100))
        approve(client, Decimal(0), NEG_RISK_EXCHANGE)
        missing = client.get_trading_approvals_state().missing
        exchanges = EXCHANGE, NEG_RISK_EXCHANGE
        print("pUSD, less than unlimited:", sum(a.spender in exchanges for a in missing.erc20))
        print("shares not approved:", sum(a.operator in exchanges for a in missing.erc1155))
