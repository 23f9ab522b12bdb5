"""The roles that GitHub's workflows take to preview and to deploy a cell, without any key of the account's.

Owns: the account's provider of GitHub's identities, where this stack owns what an account has once; the two roles; the
policies of the deploying one with its boundary. Does not own: who may take them (`ci_trust`), what they may
(`deploy_rights`, `ci_limits`), nor the environment in GitHub, whose rules say who approves a deployment, as
docs/deploy.md tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import iam

from components import policy
from components.access import ci_limits, ci_trust, deploy_rights
from components.access.boundary import ROLE as BOUNDARY
from components.access.deploy_rights import Scope
from domain.naming import GLOBAL, Names

PREVIEW: Final = "ci-preview"
DEPLOY: Final = "ci-deploy"
LIMITS: Final = "ci-boundary"
SESSION_SECONDS: Final = 2 * 3600  # a first deployment takes 50 minutes, and a database may take longer


@dataclass(frozen=True, kw_only=True)
class CiArgs:
    """The cell and its `repository` in GitHub, `owner/name`.

    `boundary_arn` is the permissions boundary of the cell's other roles, which each role that is deployed must carry.
    """

    cell: str
    account_id: str
    boundary_arn: pulumi.Input[str]
    repository: str
    regions: Sequence[str]
    owns_account: bool
    owns_regions: bool


class Ci(pulumi.ComponentResource):
    """The roles for CI of a cell. They are global; `opts` carry home's provider."""

    def __init__(self, name: str, args: CiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Make the roles with their policies, and GitHub's provider if this stack owns it."""
        super().__init__("medical:access:Ci", name, None, opts)
        self._name = name
        self._args = args
        self._names = Names(cell=args.cell, place=GLOBAL)
        self._child = pulumi.ResourceOptions(parent=self)
        self._scope = Scope(
            cell=args.cell,
            account_id=args.account_id,
            state_region=args.regions[-1],
            owns_account=args.owns_account,
            owns_regions=args.owns_regions,
        )
        if args.owns_account:
            iam.OpenIdConnectProvider(
                "global-github",
                url=f"https://{ci_trust.ISSUER}",
                client_id_lists=[ci_trust.AUDIENCE],
                opts=self._child,
            )
        self._build_preview()
        self._build_deploy()
        self.register_outputs({})

    def _build_preview(self) -> None:
        """Let it read the state alone: the program asks AWS nothing, and a preview compares with the state."""
        role = self._build_role(
            PREVIEW,
            f"Previews cell {self._args.cell} from branches and pull requests",
            ci_trust.preview(self._args.account_id, self._args.repository),
            self._args.boundary_arn,
        )
        rights = policy.document(*deploy_rights.state(self._scope, write=False))
        iam.RolePolicy(f"global-{PREVIEW}", role=role.id, policy=rights, opts=self._child)

    def _build_deploy(self) -> None:
        limits = iam.Policy(
            f"global-{LIMITS}",
            name=self._names.of(LIMITS),
            description=f"The limits of what deploys cell {self._args.cell}",
            policy=policy.document(*self._limits()),
            opts=self._child,
        )
        role = self._build_role(
            DEPLOY,
            f"Deploys cell {self._args.cell} from its environment",
            ci_trust.deploy(self._args.account_id, self._args.repository, self._args.cell),
            limits.arn,
        )
        for part, statements in deploy_rights.policies(self._scope).items():
            made = iam.Policy(
                f"global-{DEPLOY}-{part}",
                name=self._names.of(f"{DEPLOY}-{part}"),
                description=f"What deploys cell {self._args.cell}: {part}",
                policy=policy.document(*statements),
                opts=self._child,
            )
            iam.RolePolicyAttachment(f"global-{DEPLOY}-{part}", role=role.name, policy_arn=made.arn, opts=self._child)

    def _limits(self) -> list[policy.Statement]:
        account = f"arn:aws:iam::{self._args.account_id}"
        roles = [f"{account}:role/{self._names.of(role)}" for role in (PREVIEW, DEPLOY)]
        boundary = f"{account}:policy/{self._names.of(BOUNDARY)}"
        objects = (self._scope.releases, self._scope.state)
        return ci_limits.statements(roles, boundary, self._args.regions, objects)

    def _build_role(self, role: str, description: str, trust: str, boundary: pulumi.Input[str]) -> iam.Role:
        return iam.Role(
            f"global-{role}",
            name=self._names.of(role),
            description=description,
            assume_role_policy=trust,
            permissions_boundary=boundary,
            max_session_duration=SESSION_SECONDS,
            opts=self._child,
        )
