"""The test encoder, opened by its name."""

from __future__ import annotations

import pytest

from encoding import HashedWords


@pytest.fixture
def words() -> HashedWords:
    return HashedWords()
