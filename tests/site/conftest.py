"""The site, built once as `make site` builds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.make_site import make_site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    built = make_site(root)
    assert built.returncode == 0, built.stderr
    return root / "site"
