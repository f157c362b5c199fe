"""Compile contracts/*.vy into the JSON beside them: `python -m mock_clob.chain.compile`.

Needs vyper, a development dependency; the chain itself reads only the JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vyper.compiler import compile_from_file_input  # type: ignore[import-untyped]
from vyper.compiler.input_bundle import (  # type: ignore[import-untyped]
    FileInput,
    FilesystemInputBundle,
)

from mock_clob.chain.artefacts import CONTRACTS, path_of

FORMATS = ["abi", "bytecode_runtime", "layout"]


def compiled(name: str) -> dict[str, Any]:
    """Name, ABI, runtime bytecode and the storage slot of each variable."""
    source = path_of(name).with_suffix(".vy")
    bundle = FilesystemInputBundle([source.parent])
    file = bundle.load_file(Path(source.name))
    assert isinstance(file, FileInput)
    output = compile_from_file_input(file, input_bundle=bundle, output_formats=FORMATS)
    return {
        "abi": output["abi"],
        "bytecode_runtime": output["bytecode_runtime"],
        "slots": dict(sorted(_slots(output["layout"]["storage_layout"]).items())),
    }


def dumped(artefact: dict[str, Any]) -> str:
    return json.dumps(artefact, indent=1) + "\n"


def _slots(layout: dict[str, Any]) -> dict[str, int]:
    """Variable -> slot; an imported module's variables keep their own names."""
    slots: dict[str, int] = {}
    for name, entry in layout.items():
        if "slot" in entry:
            slots[name] = entry["slot"]
        else:
            slots |= _slots(entry)
    return slots


def main() -> None:
    for name in CONTRACTS:
        path_of(name).write_text(dumped(compiled(name)))
        print(f"wrote {path_of(name).name}")


if __name__ == "__main__":
    main()
