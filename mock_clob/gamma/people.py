"""Comments and public profiles, both from seeded tables; positions beside a comment are real."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.gamma.catalog import SERIES
from mock_clob.gamma.comments import COMMENTS, Comment
from mock_clob.gamma.profiles import CREATED, Profile, profile_of
from mock_clob.gamma.refusals import INVALID, MISSING, Handler, NotFound, Refused, answer
from mock_clob.gamma.requests import GammaQuery, Slice, by_cursor, by_offset
from mock_clob.gamma.shared import GammaRoutes, path_id
from mock_clob.model import UNIT
from mock_clob.wire import Json

BEGAN = 1_767_312_000  # 2026-01-02
DEEPEST = 200
PARENT_TYPES = ("Event", "Series", "PerpsAsset")  # [seen]
SORTS: dict[str, Callable[[Comment], Any]] = {
    "id": lambda comment: comment.id,
    "createdAt": lambda comment: comment.at,
    "updatedAt": lambda comment: comment.at,
}
CURSOR_SORTS = {name: SORTS[name] for name in ("id", "createdAt")}
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class PeopleRoutes(GammaRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/comments": self.comments,
            "/comments/keyset": self.keyset,
            "/comments/user_address/{address}": self.of_user,
            "/comments/{id}": self.thread,
            "/public-profile": self.profile,
        }

    # Comments

    async def comments(self, request: Request) -> Response:
        """The newest first where no order is asked for; replies come with their thread."""
        query = GammaQuery(request.query_params)
        ordered = query.given("order")
        wanted = by_offset(
            query, SORTS, _identity, route="/comments", deepest=DEEPEST, default="createdAt"
        )
        if not ordered:
            wanted = Slice(wanted.key, True, wanted.limit, wanted.offset)
        with_positions, holders = query.flag("get_positions"), query.flag("holders_only")
        mine = self._under_parent(query)
        query.end()
        roots = [c for c in mine if not c.reply_to and (not holders or self._positions(c.author))]
        return answer(
            [
                self._shape(each, with_positions=bool(with_positions))
                for root in wanted.page(roots)
                for each in (root, *(c for c in mine if c.reply_to == root.id))
            ]
        )

    async def keyset(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        wanted = by_cursor(query, CURSOR_SORTS, _identity, default="createdAt")
        mine = self._under_parent(query)
        query.end()
        roots, cursor = wanted.keyset(c for c in mine if not c.reply_to)
        shown = [
            self._shape(each)
            for root in roots
            for each in (root, *(c for c in mine if c.reply_to == root.id))
        ]
        return answer({"comments": shown} | ({"next_cursor": cursor} if cursor else {}))

    async def thread(self, request: Request) -> Response:
        """The first comment of its thread and every reply."""
        number, query = path_id(request), GammaQuery(request.query_params)
        with_positions = bool(query.flag("get_positions"))
        query.end()
        for comment in COMMENTS:
            if comment.id == number:
                first = comment.reply_to or comment.id
                found = [c for c in COMMENTS if first in (c.id, c.reply_to)]
                return answer([self._shape(c, with_positions=with_positions) for c in found])
        raise NotFound("id")

    async def of_user(self, request: Request) -> Response:
        address = request.path_params["address"]
        query = GammaQuery(request.query_params)
        wanted = by_offset(query, SORTS, _identity, route="/comments", deepest=DEEPEST)
        query.end()
        if not _ADDRESS.fullmatch(address):
            raise Refused(INVALID.format(name="user_address"))
        mine = [c for c in COMMENTS if c.author == address.lower() and self._parent_id(c)]
        return answer([self._shape(each) for each in wanted.page(mine)])

    def _under_parent(self, query: GammaQuery) -> list[Comment]:
        kind = query.choice("parent_entity_type", PARENT_TYPES)
        parent = query.integer("parent_entity_id", least=1)
        if kind is None or parent is None:
            raise Refused(MISSING)
        return [c for c in COMMENTS if c.parent_type == kind and self._parent_id(c) == parent]

    def _parent_id(self, comment: Comment) -> int:
        """0 where the scenario does not have it."""
        if comment.parent_type == "Series":
            found = [series.id for series in SERIES if series.slug == comment.parent]
        else:
            events = self.catalog().events
            found = [event.id for event in events if event.slug == comment.parent]
        return found[0] if found else 0

    def _shape(self, it: Comment, *, with_positions: bool = False) -> Json:
        at = f"{datetime.fromtimestamp(BEGAN + it.at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        row: Json = {
            "id": str(it.id),
            "body": it.body,
            "parentEntityType": it.parent_type,
            "parentEntityID": self._parent_id(it),
            "userAddress": wire.checksum(it.author),
            "createdAt": at,
            "updatedAt": at,
            "reportCount": 0,
            "reactionCount": 0,
        }
        if it.reply_to:
            first = next(c for c in COMMENTS if c.id == it.reply_to)
            row["parentCommentID"] = str(it.reply_to)
            row["replyAddress"] = wire.checksum(first.author)
        profile = profile_of(it.author)
        assert profile is not None
        row["profile"] = {
            "name": profile.name,
            "pseudonym": profile.pseudonym,
            "displayUsernamePublic": True,
            "bio": profile.bio,
            "isMod": False,
            "isCreator": profile.creator,
            "proxyWallet": profile.address,
            "baseAddress": profile.address,
        }
        if with_positions:
            row["profile"]["positions"] = self._positions(it.author)
        return row

    def _positions(self, wallet: str) -> list[Json]:
        """What the venue's ledger has of a wallet's shares, whole ones."""
        return [
            {"tokenId": asset, "positionSize": held // UNIT}
            for (owner, asset), held in list(self.venue.ledger.balances.items())
            if owner == wallet and asset in self.venue.engine.by_token and held >= UNIT
        ]

    # Profiles

    async def profile(self, request: Request) -> Response:
        query = GammaQuery(request.query_params)
        address = query.text("address")
        query.end()
        if address is None:
            raise Refused(MISSING)
        if not _ADDRESS.fullmatch(address):
            raise Refused(INVALID.format(name="address"))
        found = profile_of(address)
        if found is None:
            raise NotFound("profile")
        return answer(
            {
                "createdAt": CREATED,
                "proxyWallet": found.address,
                "displayUsernamePublic": True,
                "bio": found.bio,
                "pseudonym": found.pseudonym,
                "name": found.name,
                "users": [
                    {
                        "id": str(found.id),
                        "creator": found.creator,
                        "mod": False,
                        "communityMod": False,
                    }
                ],
                "verifiedBadge": found.verified,
                "takerTier": 0,
                "takerTierName": "Tier 0",
                "weightedVolume": 0,
            }
        )


def found_profile(it: Profile) -> Json:
    """As a search tells it."""
    return {
        "name": it.name,
        "displayUsernamePublic": True,
        "proxyWallet": it.address,
        "pseudonym": it.pseudonym,
        "bio": it.bio,
    }


def _identity(comment: Comment) -> int:
    return comment.id
