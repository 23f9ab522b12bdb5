"""The least that is kept, in days: what the law or a benchmark asks for, whatever a setting says. Pure."""

from __future__ import annotations

from typing import Final

LOG_DAYS: Final = 365  # source: AWS FSBP CloudWatch.16
ACCESS_LOG_DAYS: Final = 90  # source: the platform's own rule; PCI DSS 10.5.1 asks for three months at hand
EVIDENCE_DAYS: Final = 2192  # six years with two leap days; source: 45 CFR 164.316(b)(2)(i)
BACKUP_DAYS: Final = 7  # source: AWS FSBP RDS.11
