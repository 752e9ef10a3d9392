"""A small model with the record of its training."""

from __future__ import annotations

import pytest

from reported import Trained, train_small


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train_small(tmp_path_factory.mktemp("report"))
