"""The committed contract artefacts are what their sources compile to."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mock_clob.chain import compile as compiler
from mock_clob.chain.artefacts import CONTRACTS, artefact, path_of


@pytest.mark.parametrize("name", CONTRACTS)
def test_artefact_is_what_its_source_compiles_to(name: str) -> None:
    assert path_of(name).read_text() == compiler.dumped(compiler.compiled(name)), (
        "run `python -m mock_clob.chain.compile`"
    )


def test_every_source_is_compiled() -> None:
    folder = path_of("Usdc").parent
    modules = {"erc20", "receiver"}  # parts of others
    sources = {path.stem for path in folder.glob("*.vy")} - modules

    assert sources == {path.stem for path in folder.glob("*.json")} == set(CONTRACTS)


def test_artefact_names_no_place_of_the_machine_that_compiled_it() -> None:
    for name in CONTRACTS:
        assert set(json.loads(path_of(name).read_text())) == {"abi", "bytecode_runtime", "slots"}
        assert "site-packages" not in path_of(name).read_text()


def test_pusd_and_usdc_keep_the_same_variables_in_the_same_slots() -> None:
    usdc, pusd = artefact("Usdc").slots, artefact("Pusd").slots

    assert usdc.items() <= pusd.items()


@pytest.mark.parametrize(
    ("contract", "function", "selector"),
    [
        ("Usdc", "transfer", "a9059cbb"),
        ("Usdc", "approve", "095ea7b3"),
        ("Usdc", "balanceOf", "70a08231"),
        ("ConditionalTokens", "balanceOf", "00fdd58e"),
        ("ConditionalTokens", "safeTransferFrom", "f242432a"),
        ("ConditionalTokens", "setApprovalForAll", "a22cb465"),
        ("ConditionalTokens", "splitPosition", "72ce4275"),
        ("ConditionalTokens", "mergePositions", "9e7212ad"),
        ("ConditionalTokens", "redeemPositions", "01b7037c"),
        ("CollateralAdapter", "splitPosition", "72ce4275"),
        ("NegRiskAdapter", "splitPosition", "a3d7da1d"),
        ("NegRiskAdapter", "mergePositions", "b10c5c17"),
        ("NegRiskAdapter", "redeemPositions", "dbeccb23"),
        ("Safe", "execTransaction", "6a761202"),
        ("MultiSend", "multiSend", "8d80ff0a"),
        ("DepositWalletFactory", "BEACON", "49493a4d"),
        ("Beacon", "implementation", "5c60da1b"),
        ("ProxyFactory", "proxy", "34ee9791"),
        ("ProxyFactory", "cloneConstructor", "52e831dd"),
    ],
)
def test_functions_have_the_selectors_known_from_polygon(
    contract: str, function: str, selector: str
) -> None:
    assert artefact(contract).selectors[function].hex() == selector


def test_venue_without_a_chain_loads_no_evm() -> None:
    code = (
        "import sys; from mock_clob.venue import Options, Venue; Venue(Options(chain=False)); "
        "print(sorted({'eth', 'eth.abc', 'mock_clob.chain.evm', 'py_ecc'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_chain_loads_without_the_compiler_and_without_web3() -> None:
    code = (
        "import sys, mock_clob.chain.rpc; "
        "print(sorted({'vyper', 'web3', 'eth_tester', 'pytest'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
