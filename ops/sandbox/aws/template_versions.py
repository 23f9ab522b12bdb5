"""Makes moto launch instances from later versions of a launch template, whose user data it cannot read itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock


@contextmanager
def versions_launched() -> Generator[None]:
    """Until the block ends, read the user data of every version as moto reads that of the first."""
    from moto.ec2.models.launch_templates import LaunchTemplate  # noqa: PLC0415 - moto reads its environment first
    from moto.ec2.utils import parse_user_data  # noqa: PLC0415 - as above

    original: Any = LaunchTemplate.create_version

    def create_version(self: Any, data: dict[str, Any], description: str) -> Any:  # noqa: ANN401 - moto's own
        given = data.get("UserData")
        return original(
            self, {**data, "UserData": parse_user_data(given)} if isinstance(given, str) else data, description
        )

    with mock.patch.object(LaunchTemplate, "create_version", create_version):
        yield
