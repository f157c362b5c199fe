"""Published contract addresses by chain id, as the installed clients and the docs give them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contracts:
    """EIP-55 addresses. Exchange 1 settles in USDC.e, exchanges 2 and 3 in pUSD."""

    usdc_e: str
    usdc: str  # native USDC: never collateral
    pusd: str
    ctf: str  # ConditionalTokens
    exchange_v1: str
    neg_risk_exchange_v1: str
    exchange_v2: str
    neg_risk_exchange_v2: str
    exchange_v3: str
    neg_risk_adapter: str
    onramp: str  # CollateralOnramp: USDC.e -> pUSD
    offramp: str  # CollateralOfframp: pUSD -> USDC.e
    # From here on none are published for Amoy, which has Polygon's.
    collateral_adapter: str = "0xAdA100Db00Ca00073811820692005400218FcE1f"
    neg_risk_collateral_adapter: str = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
    router: str = "0x12121212006e4CD160D18e3f00711DA5c3372600"  # of Protocol V2
    position_manager: str = "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"  # its ERC-1155
    safe_multisend: str = "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761"
    relay_hub: str = "0xD216153c06E857cD7f72665E0aF1d7D82172F494"  # no code here


CONTRACTS: dict[int, Contracts] = {
    137: Contracts(
        usdc_e="0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174",
        usdc="0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
        pusd="0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",
        ctf="0x4D97DCd97eC945f40cF65F87097ACe5EA0476045",
        exchange_v1="0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E",
        neg_risk_exchange_v1="0xC5d563A36AE78145C45a50134d48A1215220f80a",
        exchange_v2="0xE111180000d2663C0091e4f400237545B87B996B",
        neg_risk_exchange_v2="0xe2222d279d744050d28e00520010520000310F59",
        exchange_v3="0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
        neg_risk_adapter="0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296",
        onramp="0x93070a847efEf7F70739046A929D47a521F5B8ee",
        offramp="0x2957922Eb93258b93368531d39fAcCA3B4dC5854",
    ),
    # Amoy. The test collateral of py_clob_client takes the place of USDC.e; native USDC is
    # Circle's. py_clob_client_v2 gives Polygon's own addresses for pUSD and the V2 exchanges, and
    # another neg-risk exchange 1 than py_clob_client, whose address this is. The ramps are
    # Polygon's: none are published for Amoy.
    80002: Contracts(
        usdc_e="0x9c4E1703476E875070EE25b56A58B008CFb8FA78",
        usdc="0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582",
        pusd="0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB",
        ctf="0x69308FB512518e39F9b16112fA8d994F4e2Bf8bB",
        exchange_v1="0xdFE02Eb6733538f8Ea35D585af8DE5958AD99E40",
        neg_risk_exchange_v1="0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296",
        exchange_v2="0xE111180000d2663C0091e4f400237545B87B996B",
        neg_risk_exchange_v2="0xe2222d279d744050d28e00520010520000310F59",
        exchange_v3="0x9fE6e61422AdB6F610d8597F9684b16912D50C3D",
        neg_risk_adapter="0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296",
        onramp="0x93070a847efEf7F70739046A929D47a521F5B8ee",
        offramp="0x2957922Eb93258b93368531d39fAcCA3B4dC5854",
    ),
}
