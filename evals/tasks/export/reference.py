import os
from pathlib import Path

from export_portfolio import export
from polymarket import PublicClient

with PublicClient() as client:
    print(export(client, os.environ["POLYMARKET_FUNDER"], Path("portfolio")))
