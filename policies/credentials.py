"""Where secrets are, and what gives one away. Pure. Nothing here ever repeats what it finds."""

from __future__ import annotations

import re
from typing import Final

from policies.names import CACHE, DATABASE

# Inputs that hold a secret by their nature.
BEARING: Final = (
    (DATABASE, "password"),
    ("aws:rds/cluster:Cluster", "masterPassword"),
    (CACHE, "authToken"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretString"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretBinary"),
    ("aws:iam/userLoginProfile:UserLoginProfile", "password"),
    ("aws:iam/serverCertificate:ServerCertificate", "privateKey"),
    ("aws:acm/certificate:Certificate", "privateKey"),
)
# What is a secret wherever it stands, by its issuer's own prefix or frame.
TELLING: Final = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}"
    r"|xox[abprs]-[A-Za-z0-9-]{10}|sk_live_[A-Za-z0-9]{16}|glpat-[A-Za-z0-9_-]{20}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
    r"|[a-z][a-z0-9+.-]*://[^/\s:@'\"]+:(?!\$|\{|<)[^/\s:@'\"]{6,}@",
)
SHORTEST: Final = 8  # a shorter secret would be found in any text
