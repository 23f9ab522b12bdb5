"""What a database writes down of who connects to it and what changes in it.

Owns: the side's option group with the audit plugin, which all of its instances take. Its file is exported to CloudWatch
as the other logs are (`monitoring`). Reading is not written down: it would be most of the log, and who read what the
application must say itself, because all its users are one to the database.

Passwords in statements that set one are masked by the plugin. Values that statements write are not, so the log holds
patients' data: it stays in the side's region, under the side's key.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import rds

from components.database.args import DatabaseArgs
from components.database.instance import ENGINE_VERSION
from components.database.parameters import FAMILY
from domain.naming import OPTION_GROUP

PLUGIN: Final = "MARIADB_AUDIT_PLUGIN"
# Logins, failed ones too; changes of users and rights; of tables; of rows. ALTER USER counts as QUERY_DDL.
EVENTS: Final = ("CONNECT", "QUERY_DCL", "QUERY_DDL", "QUERY_DML_NO_SELECT")
# RDS's own user asks every second how the instance is; its logins are written down nevertheless.
# Source: "MariaDB Audit Plugin support for MySQL" in the RDS user guide, which has it for all versions of MySQL 8.4.
_LEFT_OUT: Final = "rdsadmin"


def build_option_group(name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions) -> rds.OptionGroup:
    """The option group of a side's instances."""
    settings = {"SERVER_AUDIT_EVENTS": ",".join(EVENTS), "SERVER_AUDIT_EXCL_USERS": _LEFT_OUT}
    plugin = rds.OptionGroupOptionArgs(
        option_name=PLUGIN,
        option_settings=[
            rds.OptionGroupOptionOptionSettingArgs(name=setting, value=value) for setting, value in settings.items()
        ],
    )
    return rds.OptionGroup(
        name,
        # With the family in its name, a new family's group can be made before the old one's is deleted.
        name=args.names.of(f"db-{FAMILY.replace('.', '')}", OPTION_GROUP),
        engine_name="mysql",
        major_engine_version=ENGINE_VERSION,
        option_group_description="Who connects, and what changes",
        options=[plugin],
        # RDS deletes no group that a snapshot was taken with, and what is kept has some.
        skip_destroy=not args.throw_away,
        opts=opts,
    )
