"""polymarket-client 0.14: what it reads from Gamma and from the Data API, on exchange 2, no chain.

A trade of Bob's stands before each question about trades, positions and volumes.
"""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

from mock_clob.gamma.catalog import Catalog
from mock_clob.scenario import DOCUMENTED
from tests.mock_clob.every_method.world import ALICE, BOB, CONDITION, YES, World, first_page


def _bob_buys(w: World) -> Any:
    """10 shares of YES for 5.20 dollars."""
    return w.bob.place_market_order(token_id=YES, amount="5.2", side="BUY")


def _ids(w: World) -> tuple[str, str]:
    """(market id, event id) of the documented market."""
    catalog = Catalog(w.venue.venue.engine)
    market = w.venue.venue.engine.markets[CONDITION]
    return str(catalog.id_of(market)), str(catalog.event_of(market).id)


# Markets and events


async def get_market(w: World) -> None:
    found = await w.alice.get_market(slug=DOCUMENTED.slug)
    assert found.condition_id == CONDITION


async def list_markets(w: World) -> None:
    found = await first_page(w.alice.list_markets(condition_ids=[CONDITION]))
    assert [market.slug for market in found] == [DOCUMENTED.slug]


async def get_market_tags(w: World) -> None:
    tags = await w.alice.get_market_tags(_ids(w)[0])
    assert "demo" in [tag.slug for tag in tags]


async def get_event(w: World) -> None:
    found = await w.alice.get_event(slug=DOCUMENTED.slug)
    assert [market.condition_id for market in found.markets] == [CONDITION]


async def list_events(w: World) -> None:
    found = await first_page(w.alice.list_events(page_size=50))
    assert DOCUMENTED.slug in [event.slug for event in found]


async def get_event_tags(w: World) -> None:
    tags = await w.alice.get_event_tags(_ids(w)[1])
    assert "demo" in [tag.slug for tag in tags]


async def get_event_live_volume(w: World) -> None:
    _bob_buys(w)
    volume = await w.alice.get_event_live_volume(event_ids=int(_ids(w)[1]))
    assert volume.taker_volume_total > 0


async def search(w: World) -> None:
    [results] = await first_page(w.alice.search(q="documented"))
    assert DOCUMENTED.slug in [event.slug for event in results.events]


async def list_tags(w: World) -> None:
    found = await first_page(w.alice.list_tags(page_size=50))
    assert "demo" in [tag.slug for tag in found]


async def get_tag(w: World) -> None:
    assert (await w.alice.get_tag(slug="demo")).slug == "demo"


async def get_related_tags(w: World) -> None:
    tag = await w.alice.get_tag(slug="demo")
    related = await w.alice.get_related_tags(slug="demo")
    assert {str(each.tag_id) for each in related} == {tag.id}


async def get_related_tag_resources(w: World) -> None:
    related = await w.alice.get_related_tag_resources(slug="demo")
    assert "elections" in [tag.slug for tag in related]


async def list_series(w: World) -> None:
    assert "winners" in [each.slug for each in await first_page(w.alice.list_series())]


async def get_series(w: World) -> None:
    [wanted] = [s for s in await first_page(w.alice.list_series()) if s.slug == "winners"]
    assert (await w.alice.get_series(wanted.id)).slug == "winners"


async def get_sports(w: World) -> None:
    assert await w.alice.get_sports()


async def get_sports_market_types(w: World) -> None:
    assert (await w.alice.get_sports_market_types()).market_types


async def list_teams(w: World) -> None:
    assert await first_page(w.alice.list_teams())


async def list_comments(w: World) -> None:
    found = w.alice.list_comments(parent_entity_type="Event", parent_entity_id=_ids(w)[1])
    assert all(comment.id for comment in await first_page(found))


async def list_comments_by_user_address(w: World) -> None:
    found = await first_page(w.alice.list_comments_by_user_address(address=ALICE.address))
    assert all(comment.user_address for comment in found)


async def get_comment_thread(w: World) -> None:
    found = w.alice.list_comments(parent_entity_type="Event", parent_entity_id=_ids(w)[1])
    first = (await first_page(found))[0]
    thread = await w.alice.get_comment_thread(first.id)
    assert first.id in [comment.id for comment in thread]


async def get_public_profile(w: World) -> None:
    profile = await w.alice.get_public_profile(ALICE.address)
    assert profile is not None


# Wallets


async def list_positions(w: World) -> None:
    _bob_buys(w)
    [position] = await first_page(w.alice.list_positions(user=BOB.address))
    assert (position.asset_id, position.current_size) == (YES, 10)


async def get_portfolio_value(w: World) -> None:
    _bob_buys(w)
    assert (await w.alice.get_portfolio_value(user=BOB.address)).value > 0


async def list_activity(w: World) -> None:
    _bob_buys(w)
    [trade] = await first_page(w.alice.list_activity(user=BOB.address))
    assert trade.condition_id == CONDITION


async def list_trades(w: World) -> None:
    _bob_buys(w)
    [trade] = await first_page(w.alice.list_trades(user=BOB.address))
    assert (trade.asset_id, trade.size) == (YES, 10)


async def get_user_pnl(w: World) -> None:
    _bob_buys(w)
    assert (await w.alice.get_user_pnl(user=BOB.address)).wallet == BOB.address


async def get_user_stats(w: World) -> None:
    _bob_buys(w)
    assert (await w.alice.get_user_stats(user=BOB.address)).traded_market_count == 1


async def get_user_volume(w: World) -> None:
    _bob_buys(w)
    volume = await w.alice.get_user_volume(user=BOB.address)
    assert (volume.volume_usdc, volume.trade_count) == (Decimal("5.2"), 1)


async def download_accounting_snapshot(w: World) -> None:
    _bob_buys(w)
    packed = await w.alice.download_accounting_snapshot(user=BOB.address)
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist()


# Markets as data


async def list_price_history(w: World) -> None:
    _bob_buys(w)
    points = await first_page(w.alice.list_price_history(asset_id=YES, interval="1d"))
    assert [point.price for point in points] == [Decimal("0.52")]


async def list_market_holders(w: World) -> None:
    _bob_buys(w)
    holders = await first_page(w.alice.list_market_holders(condition_ids=CONDITION))
    assert holders


async def get_open_interests(w: World) -> None:
    [found] = await w.alice.get_open_interests(condition_ids=CONDITION)
    assert found.value > 0


async def get_resolutions(w: World) -> None:
    assert await w.alice.get_resolutions(condition_ids=CONDITION) is not None


async def get_token_references(w: World) -> None:
    [found] = await w.alice.get_token_references(asset_ids=YES)
    assert found.condition_id == CONDITION


# Boards


async def list_trader_leaderboard(w: World) -> None:
    _bob_buys(w)
    found = await first_page(w.alice.list_trader_leaderboard(sort_by="VOLUME"))
    assert BOB.address.lower() in [entry.wallet.lower() for entry in found]


async def get_trader_leaderboard_standing(w: World) -> None:
    _bob_buys(w)
    assert await w.alice.get_trader_leaderboard_standing(user=BOB.address) is not None


async def list_biggest_winners(w: World) -> None:
    assert await first_page(w.alice.list_biggest_winners()) is not None


async def list_builder_leaderboard(w: World) -> None:
    w.bob.place_market_order(token_id=YES, amount="5.2", side="BUY", builder_code="0x" + "ab" * 32)
    assert await first_page(w.alice.list_builder_leaderboard()) is not None


async def get_builder_volumes(w: World) -> None:
    assert await w.alice.get_builder_volumes(interval="day") is not None
