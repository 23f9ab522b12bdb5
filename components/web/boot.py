"""What an instance does when it first starts: the user data, as text. Pure.

Amazon Linux 2023 runs it once, as root. It holds no secret: only names, addresses, and where AWS Secrets Manager keeps
what the service asks for itself. Every value stands in it quoted, so whatever it holds stays data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

LARGEST: Final = 16 * 1024  # bytes of user data that EC2 takes, before base64

CONFIG: Final = "/etc/medical/service.json"
CERTIFICATE: Final = "/etc/medical/tls.crt"
KEY: Final = "/etc/medical/tls.key"
JOURNAL: Final = "/var/log/medical/journal.log"
AGENT_USER: Final = "cwagent"  # whom the agent's package makes
_RELEASES: Final = "/opt/medical/releases"
_UNIT: Final = "/etc/systemd/system/medical.service"
_JOURNAL_UNIT: Final = "/etc/systemd/system/medical-journal.service"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

# The service gives requests under way 30 seconds when it is told to stop.
_STOP_SECONDS: Final = 35

_SCRIPT: Final = r"""#!/bin/bash
# Runs once, as root, when the instance first starts; its output is in /var/log/cloud-init-output.log.
# If a line fails the rest is not done: the load balancer then finds no service, and the instance is replaced.
set -euo pipefail
umask 022

# From Amazon's own repository in this region, at the version that the machine image is locked to.
dnf install --assumeyes --quiet python3.11 openssl

useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin medical

# The role's credentials may come a little after the instance.
export AWS_METADATA_SERVICE_NUM_ATTEMPTS=10 AWS_METADATA_SERVICE_TIMEOUT=5 AWS_MAX_ATTEMPTS=10
archive=$(mktemp)
aws s3 cp --only-show-errors --region @REGION@ @SOURCE@ "$archive"
printf '%s  %s\n' @SHA256@ "$archive" | sha256sum --check --strict
mkdir -p @FOLDER@
python3.11 -m zipfile -e "$archive" @FOLDER@
rm -f "$archive"
# The service may not write there, so what Python would keep for a faster start is made now.
python3.11 -m compileall -q @FOLDER@ || true

mkdir -p /etc/medical
chown root:medical /etc/medical
chmod 0750 /etc/medical
umask 077
# The load balancer encrypts what it sends here but does not check whose certificate it is (nor its dates), so one that
# the instance signs for itself does all that any other would, and its key never leaves the instance.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256 -nodes -days 825 -subj /CN=medical-web \
  -keyout @KEY@ -out @CERTIFICATE@
printf '%s\n' @CONFIG_JSON@ > @CONFIG@
chown root:medical @KEY@ @CERTIFICATE@ @CONFIG@
chmod 0640 @KEY@ @CERTIFICATE@ @CONFIG@

umask 022
cat > @UNIT@ <<'END_OF_UNIT'
[Unit]
Description=Medical platform, web service
Wants=network-online.target
After=network-online.target
# Never give up: whether the instance is any good is for the load balancer to say.
StartLimitIntervalSec=0

[Service]
Type=exec
User=medical
Group=medical
WorkingDirectory=@FOLDER@
Environment=SERVICE_CONFIG=@CONFIG@
ExecStart=/usr/bin/python3.11 -E -s -m service
Restart=always
RestartSec=2
TimeoutStopSec=@STOP_SECONDS@
LimitNOFILE=65536
UMask=0077
CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
END_OF_UNIT
systemctl daemon-reload
systemctl enable --now medical.service

# What follows only watches: the service runs whether or not it works, and alarms say where nothing is heard.
set +e
dnf install --assumeyes --quiet amazon-cloudwatch-agent logrotate
# Agents read the journal by themselves from the releases of mid 2026 on; as a file every one reads it.
mkdir -p @LOGS@
chown root:@AGENT_USER@ @LOGS@
chmod 0750 @LOGS@
cat > @JOURNAL_UNIT@ <<'END_OF_UNIT'
[Unit]
Description=Medical platform, the journal as a file for the CloudWatch agent

[Service]
ExecStart=/usr/bin/journalctl --boot --follow --lines=all --output=short-iso --no-hostname
StandardOutput=append:@JOURNAL@
Restart=always
RestartSec=10
NoNewPrivileges=yes
PrivateNetwork=yes
ProtectHome=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target
END_OF_UNIT
# Looked at every hour, so that it never fills the disk: the journal itself holds back who writes too much.
printf '%s {\n size 64M\n rotate 1\n copytruncate\n missingok\n}\n' @JOURNAL@ > /etc/logrotate.d/medical
mkdir -p /etc/systemd/system/logrotate.timer.d
printf '[Timer]\nOnCalendar=\nOnCalendar=hourly\n' > /etc/systemd/system/logrotate.timer.d/hourly.conf
systemctl daemon-reload
systemctl restart logrotate.timer
systemctl enable --now medical-journal.service
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c @AGENT@
exit 0
"""


@dataclass(frozen=True, kw_only=True)
class Boot:
    """What an instance is told: the release to fetch and check, and the service's configuration (any JSON).

    `agent` is the parameter that holds the CloudWatch agent's configuration.
    """

    region: str
    bucket: str
    key: str
    sha256: str
    config: Mapping[str, Any]
    agent: str

    def __post_init__(self) -> None:
        """Refuse a digest that is none: it names a folder."""
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256 = {self.sha256!a}: must be 64 lower-case hex digits")


def script(boot: Boot) -> str:
    """The user data.

    Raises:
        ValueError: it is larger than EC2 takes.
    """
    values = {
        "REGION": quote(boot.region),
        "SOURCE": quote(f"s3://{boot.bucket}/{boot.key}"),
        "SHA256": boot.sha256,
        "FOLDER": f"{_RELEASES}/{boot.sha256}",
        "CONFIG_JSON": quote(json.dumps(boot.config, sort_keys=True)),
        "CONFIG": CONFIG,
        "CERTIFICATE": CERTIFICATE,
        "KEY": KEY,
        "UNIT": _UNIT,
        "AGENT": quote(f"ssm:{boot.agent}"),
        "AGENT_USER": AGENT_USER,
        "JOURNAL": JOURNAL,
        "JOURNAL_UNIT": _JOURNAL_UNIT,
        "LOGS": JOURNAL.rpartition("/")[0],
        "STOP_SECONDS": str(_STOP_SECONDS),
    }
    # In one pass, so that a value which looks like a mark is left as it is.
    text = re.sub(r"@([A-Z0-9_]+)@", lambda mark: values[mark[1]], _SCRIPT)
    size = len(text.encode())
    if size > LARGEST:
        raise ValueError(
            f"the user data has {size} bytes and EC2 takes {LARGEST}: give the service fewer topics and queues"
        )
    return text
