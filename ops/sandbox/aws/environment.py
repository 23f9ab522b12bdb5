"""How moto is set: what it reads from the environment, once, when it is first imported."""

from __future__ import annotations

from typing import Final

# No thousands of foreign machine images, and certificates issued at once.
ENVIRONMENT: Final = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "MOTO_ACM_VALIDATION_WAIT": "0"}
