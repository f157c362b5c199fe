"""Public methods that the venue does not answer, and why. Nothing else may be left out.

An entry stands for the method on every surface that has it. One that is called all the same, or
that no client has, fails the test.
"""

from __future__ import annotations

PERPS = "perps: another venue behind the same client; this one does not mock it"
COMBOS = "combos and their RFQ: hosts of their own, which are not mocked"

REASONS: dict[str, str] = {
    "deposit_to_perps": PERPS,
    "fetch_perps_book": PERPS,
    "fetch_perps_builder_status": PERPS,
    "fetch_perps_fees": PERPS,
    "fetch_perps_instruments": PERPS,
    "fetch_perps_position_snapshots": PERPS,
    "fetch_perps_registration": PERPS,
    "fetch_perps_ticker": PERPS,
    "fetch_perps_tickers": PERPS,
    "list_perps_candles": PERPS,
    "list_perps_funding_history": PERPS,
    "list_perps_trades": PERPS,
    "open_perps_session": PERPS,
    "revoke_perps_credentials": PERPS,
    "withdraw_from_perps": PERPS,
    "accept_combo_quote": COMBOS,
    "execute_collateral_return_plan": COMBOS,
    "fetch_rfq_status": COMBOS,
    "list_combo_activity": COMBOS,
    "list_combo_markets": COMBOS,
    "list_combo_positions": COMBOS,
    "open_rfq_session": COMBOS,
    "plan_collateral_return": COMBOS,
    "request_combo_quote": COMBOS,
    "wait_for_combo_fill": COMBOS,
}

# What an entry's method must be about, so that the list holds nothing else: words of its name or
# of its documentation.
SUBJECTS = {PERPS: ("perps",), COMBOS: ("combo", "rfq", "collateral return")}
