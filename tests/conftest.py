"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleet.offline import sdks


@pytest.fixture(scope="session", autouse=True)
def sdks_load_with_their_docstrings() -> Iterator[None]:
    """Have a preview in a test's process load the SDKs as ever: other tests of that process read their docstrings."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sdks, "keep_annotations_as_text", lambda: None)
        yield
