"""A side's TLS certificate, validated through the zone.

ACM asks for one validation record per account and domain, whatever the region. Both sides of a cell therefore need the
same records, and every cell of the account the same one for a domain that cells share. So one side writes them, and the
other waits on their names; and the record of a shared domain may be there already, and stays when a cell goes, because
ACM renews the other cells' certificates by it.

A cell makes both certificates before its sides, so that they do not depend on which side's database writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import acm, route53
from pulumi_aws.acm.outputs import CertificateDomainValidationOption

from components.observability import watched
from domain.naming import Names

# Partners' and clinics' older software speaks TLS 1.2 with RSA certificates only. Nothing else is lost: the session's
# keys come from an ephemeral exchange either way.
_KEY_ALGORITHM: Final = "RSA_2048"
_RECORD_TTL_SECONDS: Final = 300


@dataclass(frozen=True, kw_only=True)
class Validation:
    """The DNS records that prove to ACM whose the domains are, by name."""

    fqdns: list[pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """What a side's certificate is made from.

    `domains` begin with the cell's own; the others are shared with other cells. Without `validation` this side writes
    the records into the zone; with it, the other side of the cell has.
    """

    names: Names
    zone_id: pulumi.Input[str]
    domains: tuple[str, ...]
    validation: Validation | None

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse later, or not at all.

        Raises:
            ValueError: with the value, the rule and the way out.
        """
        if not self.domains or len(set(self.domains)) != len(self.domains):
            raise ValueError(f"domains {self.domains}: give the cell's own domain first, and each domain once")


class Certificate(pulumi.ComponentResource):
    """A certificate that ACM renews by itself. Whoever takes `arn` waits until it is issued."""

    arn: pulumi.Output[str]
    validation: Validation
    watched: tuple[watched.Watched, ...]

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Ask for the certificate, and wait until it is issued."""
        super().__init__("medical:edge:Certificate", name, None, opts)
        own, *shared = args.domains
        certificate = acm.Certificate(
            name,
            domain_name=own,
            subject_alternative_names=shared or None,
            key_algorithm=_KEY_ALGORITHM,
            validation_method="DNS",
            tags={"Name": args.names.of("edge")},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.validation = args.validation or _write_records(name, args, certificate, self)
        issued = acm.CertificateValidation(
            name,
            certificate_arn=certificate.arn,
            validation_record_fqdns=self.validation.fqdns,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = issued.certificate_arn
        self.watched = (watched.Certificate(key="certificate", arn=self.arn),)
        self.register_outputs({"arn": self.arn})


def _write_records(
    name: str, args: CertificateArgs, certificate: acm.Certificate, parent: pulumi.Resource
) -> Validation:
    options = certificate.domain_validation_options
    records = [
        route53.Record(
            f"{name}-{domain}",
            zone_id=args.zone_id,
            name=options.apply(_of(domain, lambda option: option.resource_record_name)),
            type="CNAME",
            ttl=_RECORD_TTL_SECONDS,
            records=[options.apply(_of(domain, lambda option: option.resource_record_value))],
            allow_overwrite=place > 0,
            opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=place > 0),
        )
        for place, domain in enumerate(args.domains)
    ]
    return Validation(fqdns=[record.fqdn for record in records])


def _of(
    domain: str, field: Callable[[CertificateDomainValidationOption], str | None]
) -> Callable[[Sequence[CertificateDomainValidationOption]], str]:
    """A field of a domain's own option: ACM gives the options in no order."""

    def select(options: Sequence[CertificateDomainValidationOption]) -> str:
        found = next((field(option) for option in options if option.domain_name == domain), None)
        if not found:
            raise ValueError(f"ACM gave no validation record for {domain}")
        return found

    return select
