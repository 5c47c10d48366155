"""The hub's store, seen from several processes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fieldlab.app.store import FILE, Store
from fieldlab.core.errors import StoreError


def test_many_may_open_a_new_home_at_once(tmp_path: Path) -> None:
    for round_ in range(5):
        home = tmp_path / str(round_)

        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(Store, [home] * 8))

        assert all(store.cases() == [] for store in stores)


def test_a_file_that_is_no_store_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not a database" * 100)

    with pytest.raises(StoreError, match=r"hub\.sqlite.*move it aside"):
        Store(tmp_path)

    assert (tmp_path / FILE).read_bytes().startswith(b"this is not a database")
