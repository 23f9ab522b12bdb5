"""What holds of every program that the settings accept: one sentence a function, which gives what breaks it.

Nothing is given where all is well. tests/test_cells.py asks them of the shipped cells and tests/fuzz of generated ones;
tests/test_invariants.py breaks each of them on purpose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import policies
from domain import naming
from domain.regions import REGIONS
from domain.residency import Jurisdiction
from ops.engine.record import Registration, Secret, reveal
from ops.preview import findings
from ops.residency import flows
from tests import limits, watching
from tests.case import Case, Invariant
from tests.kinds import CLAIMS, ENCRYPTED_BY, GLOBAL_TYPES, HOLDS_NOTHING, NAMED_BY, STORES

PORTS_OF_THE_WORLD: Final = {80, 443}
_BUCKET_KEY: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_DELETABLE: Final = ("no-deletable-balancer", "no-deletable-database")
_PASSWORD: Final = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a type's name


def every_aws_resource_is_carried_by_its_own_sides_provider(case: Case) -> Iterator[str]:
    """And none by a default provider, which would take region and account from wherever it runs."""
    for item in case.aws:
        provider = case.known.get(item.provider)
        if provider is None:
            yield f"{item.urn} would land on a default provider"
        elif case.side_of(item) not in ("", provider.name):
            yield f"{item.urn} stands in {case.side_of(item)} but is carried by {provider.name}'s provider"


def no_resource_chooses_a_region_of_its_own(case: Case) -> Iterator[str]:
    """The provider's is the only one."""
    yield from (item.urn for item in case.aws if "region" in item.inputs)


def each_side_has_a_provider_that_refuses_every_account_but_the_cells(case: Case) -> Iterator[str]:
    """And that is in the side's region."""
    found = {
        item.name: (item.inputs.get("region"), item.inputs.get("allowedAccountIds"))
        for item in case.program.of_type("pulumi:providers:aws")
    }
    sides = zip(case.settings.sides, case.settings.regions, strict=True)
    wanted = {side: (region, [case.settings.account_id]) for side, region in sides}
    if found != wanted:
        yield f"{found} instead of {wanted}"


def every_edge_leads_to_a_resource_that_is_there_and_none_leads_back(case: Case) -> Iterator[str]:
    """What a resource waits for exists, and nothing waits for itself."""
    edges = {
        item.urn: {*item.dependencies, *(urn for urns in item.property_dependencies.values() for urn in urns)}
        for item in case.program.registrations
    }
    for urn, others in edges.items():
        yield from (f"{urn} waits for {other}, which is not there" for other in others - set(edges))
    done: set[str] = set()
    while ready := {urn for urn, others in edges.items() if urn not in done and others & set(edges) <= done}:
        done |= ready
    yield from (f"{urn} waits for itself" for urn in set(edges) - done)


def every_input_says_something(case: Case) -> Iterator[str]:
    """No word for nothing has slipped into a text."""
    for item in case.aws:
        text = str(reveal(item.inputs))
        if "'None'" in text or "${}" in text:
            yield item.urn


def no_two_physical_names_collide(case: Case) -> Iterator[str]:
    """Within a region, or in the world where names are the world's."""
    names = Counter(
        (item.type, "" if item.type.startswith(GLOBAL_TYPES) else case.region_of(item), name)
        for item in case.program.registrations
        if item.type in NAMED_BY and (name := item.inputs.get(NAMED_BY[item.type][0]))
    )
    yield from (f"{count} times {name}" for name, count in names.items() if count > 1)


def every_physical_name_is_the_platforms_and_within_its_services_limit(case: Case) -> Iterator[str]:
    """A type that takes a name is given one."""
    for item in case.program.registrations:
        if item.type not in NAMED_BY:
            continue
        key, limit = NAMED_BY[item.type]
        name = item.inputs.get(key)
        if not name:
            yield f"{item.urn} is given no {key}"
        elif len(name) > limit:
            yield f"{name} has {len(name)} characters, and {item.type} takes {limit}"
        elif f"{naming.SYSTEM}-{case.program.stack}" not in name.replace("/", "-") and not CLAIMS.fullmatch(name):
            yield f"{name} does not tell whose it is"


def the_world_reaches_the_load_balancers_on_80_and_443_and_nothing_else(case: Case) -> Iterator[str]:
    """Whatever admits every address belongs to a load balancer's group."""
    balancers = case.program.of_type("aws:lb/loadBalancer:LoadBalancer")
    edges = {(case.region_of(item), group) for item in balancers for group in item.inputs["securityGroups"]}
    opened: set[tuple[str, str, object]] = set()
    for item in case.program.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        if not str(item.inputs.get("cidrIpv4", "")).endswith("/0") and "cidrIpv6" not in item.inputs:
            continue
        place, port = (case.region_of(item), item.inputs["securityGroupId"]), item.inputs.get("fromPort")
        if place not in edges or port != item.inputs.get("toPort") or port not in PORTS_OF_THE_WORLD:
            yield f"{item.urn} lets the world in"
        opened.add((*place, port))
    for place in edges:
        yield from (f"nobody reaches {place} on {port}" for port in PORTS_OF_THE_WORLD if (*place, port) not in opened)


def no_security_group_holds_rules_of_its_own(case: Case) -> Iterator[str]:
    """Rules are resources, so that one place shows who reaches whom."""
    for item in case.program.of_type("aws:ec2/securityGroup:SecurityGroup"):
        if item.inputs.get("ingress") or item.inputs.get("egress"):
            yield item.urn


def only_load_balancers_and_nat_gateways_have_public_addresses(case: Case) -> Iterator[str]:
    """No subnet, database or instance takes one."""
    for item in case.program.of_type("aws:ec2/subnet:Subnet"):
        if item.inputs.get("mapPublicIpOnLaunch") is not False:
            yield item.urn
    for item in case.program.of_type("aws:rds/instance:Instance"):
        if item.inputs.get("publiclyAccessible") is not False:
            yield item.urn
    for item in case.program.of_type("aws:ec2/launchTemplate:LaunchTemplate"):
        cards = item.inputs.get("networkInterfaces", [])
        yield from (item.urn for card in cards if card.get("associatePublicIpAddress") not in (False, "false"))


def whatever_holds_data_is_encrypted_with_its_own_sides_key(case: Case) -> Iterator[str]:
    """By the table of what holds data; a type that is in neither table is not judged, which is a fault too."""
    for item in case.program.registrations:
        if item.type in ENCRYPTED_BY:
            own = case.keys.get(case.region_of(item))
            if {own} != set(_named_keys(item)):
                yield f"{item.urn} is not encrypted with the key of {case.region_of(item)}"
        elif item.custom and not HOLDS_NOTHING.fullmatch(item.type):
            yield f"{item.type}: say in tests/kinds.py where its key is, or that it holds nothing"


def _named_keys(item: Registration) -> list[object]:
    try:
        return ENCRYPTED_BY[item.type](item.inputs)
    except KeyError:
        return []


def each_copy_of_a_secret_is_encrypted_with_the_key_of_where_it_goes(case: Case) -> Iterator[str]:
    """Which is recovery's."""
    for item in case.program.of_type("aws:secretsmanager/secret:Secret"):
        for copy in item.inputs.get("replicas") or []:
            if copy.get("kmsKeyId") != case.keys.get(copy["region"], "no key"):
                yield f"{item.urn} in {copy['region']}"


def every_bucket_but_the_log_buckets_is_encrypted_with_its_own_sides_key(case: Case) -> Iterator[str]:
    """Load balancers and S3 deliver logs into no bucket that has a key of ours."""
    encrypted: set[object] = set()
    for item in case.program.of_type(_BUCKET_KEY):
        encrypted.add(item.inputs["bucket"])
        (rule,) = item.inputs["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        found = (default["sseAlgorithm"], default.get("kmsMasterKeyId"))
        own = ("aws:kms", case.keys[case.region_of(item)])
        if found != (("AES256", None) if "-logs" in item.name else own):
            yield item.urn
    for item in case.program.of_type("aws:s3/bucket:Bucket"):
        if not encrypted & {item.id, item.inputs["bucket"]}:
            yield f"{item.urn} says nothing of its encryption"


def what_holds_data_is_protected_unless_the_stack_may_be_thrown_away(case: Case) -> Iterator[str]:
    """From Pulumi, and where AWS can, from deletion there."""
    kept = not case.settings.throw_away
    for item in case.program.registrations:
        if item.type in STORES and item.protect != kept:
            yield f"{item.urn} is {'not ' if kept else ''}protected"
        if kept and item.inputs.get("forceDestroy"):
            yield f"{item.urn} goes with its data"
    for item in case.program.of_type("aws:rds/instance:Instance"):
        if item.inputs.get("deletionProtection") != case.settings.deletion_protection:
            yield f"{item.urn}: deletionProtection is not as it is set"


def no_secret_is_an_output_or_an_input_in_clear(case: Case) -> Iterator[str]:
    """What a random password gives stays marked as secret wherever it goes."""
    planted = {item.outputs["result"].value for item in case.program.of_type(_PASSWORD)}

    def shows(value: object) -> bool:
        if isinstance(value, Secret):
            return False
        if isinstance(value, dict):
            return any(shows(item) for item in value.values())
        if isinstance(value, list):
            return any(shows(item) for item in value)
        return any(password in str(value) for password in planted)

    yield from (item.urn for item in case.program.registrations if shows(item.inputs))
    if shows(dict(case.program.exports)):
        yield "the stack's outputs"


# One statement of the auditors' policy, as it is registered: event history of global services, and nothing else there.
GLOBAL_EVENTS: Final = (
    '{"Action":["cloudtrail:LookupEvents"],"Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}},'
    '"Effect":"Allow","Resource":["*"],"Sid":"GlobalEvents"}'
)


def no_region_is_named_but_the_cells_own(case: Case) -> Iterator[str]:
    """Neither in an ARN, nor in a policy, nor in a name; but for where auditors ask what global services were asked."""
    foreign = re.compile(rf"\b(?:{'|'.join(sorted(set(REGIONS) - set(case.settings.regions)))})\b")
    for item in case.program.registrations:
        text = str(reveal(item.inputs))
        if item.name == "global-auditor":
            text = text.replace(GLOBAL_EVENTS, "", 1)
        found = foreign.search(text)
        if found:
            yield f"{item.urn} names {found[0]}"


def no_data_lie_or_go_outside_the_jurisdiction(case: Case) -> Iterator[str]:
    """As `python -m ops residency` reads it off the program."""
    yield from flows.build(case.program, Jurisdiction(case.settings.jurisdiction)).violations


def every_role_is_bound_by_the_cells_boundary(case: Case) -> Iterator[str]:
    """The one that the cell registers: nothing that a role is given later can lead beyond it."""
    bounds = {item.outputs["arn"] for item in case.program.of_type("aws:iam/policy:Policy") if "boundary" in item.name}
    for item in case.program.of_type("aws:iam/role:Role"):
        if item.inputs.get("permissionsBoundary") not in bounds:
            yield f"{item.urn} is bound by {item.inputs.get('permissionsBoundary')}"


def the_guardrails_find_nothing_but_what_was_asked_for(case: Case) -> Iterator[str]:
    """Those of `policies/`, as the preview shows them; deletionProtection false is asked for, and shown there."""
    asked_for = () if case.settings.deletion_protection else _DELETABLE
    for item in policies.evaluate(findings.view(case.program, datetime.now(UTC).date())).found:
        if item.rule.name not in asked_for:
            yield f"{item.rule.name}: {item.urn}: {item.message}"


EVERY: Final[tuple[Invariant, ...]] = (
    every_aws_resource_is_carried_by_its_own_sides_provider,
    no_resource_chooses_a_region_of_its_own,
    each_side_has_a_provider_that_refuses_every_account_but_the_cells,
    every_edge_leads_to_a_resource_that_is_there_and_none_leads_back,
    every_input_says_something,
    no_two_physical_names_collide,
    every_physical_name_is_the_platforms_and_within_its_services_limit,
    the_world_reaches_the_load_balancers_on_80_and_443_and_nothing_else,
    no_security_group_holds_rules_of_its_own,
    only_load_balancers_and_nat_gateways_have_public_addresses,
    whatever_holds_data_is_encrypted_with_its_own_sides_key,
    each_copy_of_a_secret_is_encrypted_with_the_key_of_where_it_goes,
    every_bucket_but_the_log_buckets_is_encrypted_with_its_own_sides_key,
    what_holds_data_is_protected_unless_the_stack_may_be_thrown_away,
    no_secret_is_an_output_or_an_input_in_clear,
    no_region_is_named_but_the_cells_own,
    no_data_lie_or_go_outside_the_jurisdiction,
    every_role_is_bound_by_the_cells_boundary,
    the_guardrails_find_nothing_but_what_was_asked_for,
    *limits.EVERY,
    *watching.EVERY,
)


def broken(case: Case) -> list[str]:
    """Everything that breaks an invariant, with its name."""
    return [f"{check.__name__}: {found}" for check in EVERY for found in check(case)]
