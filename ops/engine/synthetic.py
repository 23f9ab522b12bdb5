"""A backend that makes nothing: outputs that AWS would give stand as readable marks, such as `${vpc.id}`.

What outputs a type has is read off the provider's own SDK, so that a token which the SDK does not know is refused.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ops.engine.places import GLOBAL_SERVICES
from ops.engine.record import Request, Secret, reveal
from ops.engine.runner import ProgramError

_NO_ACCOUNT_SERVICES: Final = frozenset({"s3"})
_ARN_SERVICE: Final = {
    "alb": "elasticloadbalancing",
    "lb": "elasticloadbalancing",
    "cloudwatch": "logs",
    "cfg": "config",
}
# Types whose ARNs are written otherwise than `<kind>/<name>` where policies are read.
_ARN_RESOURCE: Final = {
    "aws:cloudwatch/logGroup:LogGroup": "log-group:{name}",
    "aws:secretsmanager/secret:Secret": "secret:{name}-AbCdEf",
}


class UnknownTokenError(ProgramError):
    """A resource type that no installed provider SDK has."""


class Synthetic:
    """Answers each registration from its own inputs."""

    unknown_outputs = False

    def __init__(self) -> None:
        """Start with no providers seen."""
        self._places: dict[str, tuple[str, str]] = {}

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """The inputs, with a mark for each output of the type that is text.

        Raises:
            UnknownTokenError: no installed provider SDK knows the type.
        """
        if request.type == "pulumi:providers:aws":
            accounts = request.inputs.get("allowedAccountIds") or ["000000000000"]
            self._places[request.urn] = (str(request.inputs.get("region", "")), str(accounts[0]))
        marks = {name: self._mark(request, name) for name in text_outputs(request.type)}
        outputs = {**marks, **_structured(request), **request.inputs}
        return f"${{{request.name}.id}}", {
            key: Secret(value) if key in _SECRET_OUTPUTS.get(request.type, ()) else value
            for key, value in outputs.items()
        }

    def _mark(self, request: Request, output: str) -> str:
        if output != "arn":
            return f"${{{request.name}.{output}}}"
        region, account = self._places.get(request.provider, ("", ""))
        return _arn(request, region, account)


class Unknown:
    """Answers as `pulumi preview` does before anything exists: with inputs only, and everything else unknown."""

    unknown_outputs = True

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """The inputs alone.

        Raises:
            UnknownTokenError: no installed provider SDK knows the type.
        """
        text_outputs(request.type)
        return "", request.inputs


_SECRET_OUTPUTS: Final = {"random:index/randomPassword:RandomPassword": ("result", "bcryptHash")}


def _arn(request: Request, region: str, account: str) -> str:
    inputs = reveal(request.inputs)
    module = request.type.split(":")[1].split("/")[0]
    if module in _NO_ACCOUNT_SERVICES:
        return f"arn:aws:{module}:::{inputs.get('bucket', request.name)}"
    if module in GLOBAL_SERVICES:
        region = ""
    if request.type.startswith("aws:cloudwatch/metricAlarm"):
        module = "cloudwatch"
    kind = request.type.rpartition(":")[2]
    kind = kind[0].lower() + kind[1:]
    name = inputs.get("name") or inputs.get("identifier") or request.name
    resource = _ARN_RESOURCE.get(request.type, f"{kind}/{{name}}").format(name=name)
    return f"arn:aws:{_ARN_SERVICE.get(module, module)}:{region}:{account}:{resource}"


def _structured(request: Request) -> dict[str, Any]:
    """Outputs that are no text and that programs read into."""
    if request.type == "aws:acm/certificate:Certificate":
        inputs = reveal(request.inputs)
        names = [inputs["domainName"], *inputs.get("subjectAlternativeNames", [])]
        return {
            "domainValidationOptions": [
                {
                    "domainName": name,
                    "resourceRecordName": f"${{validation of {name}}}",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": f"${{validation value of {name}}}",
                }
                for name in dict.fromkeys(names)
            ],
        }
    if request.type == "aws:synthetics/canary:Canary":
        function = f"cwsyn-{reveal(request.inputs)['name']}-<id>"
        return {"engineArn": f"arn:aws:lambda:${{region}}:${{account}}:function:{function}:1"}
    if request.type == "aws:ec2/launchTemplate:LaunchTemplate":
        return {"latestVersion": 1, "defaultVersion": 1}
    if request.type == "aws:route53/zone:Zone":
        return {"nameServers": [f"${{{request.name}.nameServers[{index}]}}" for index in range(4)]}
    return {}


@cache
def text_outputs(type_: str) -> tuple[str, ...]:
    """The outputs of `type_` that are text, as the provider's schema spells them.

    Raises:
        UnknownTokenError: no installed provider SDK knows the type.
    """
    if type_.startswith("pulumi:providers:"):
        return ()
    found = re.fullmatch(r"(\w+):([\w]+)(?:/\w+)?:(\w+)", type_)
    if not found:
        raise UnknownTokenError(f"{type_!r} is not the token of a resource")
    package, module, name = found.groups()
    path = f"pulumi_{package}" if module == "index" else f"pulumi_{package}.{module}"
    try:
        class_ = getattr(importlib.import_module(f"{path}_" if module == "lambda" else path), name)
    except (ImportError, AttributeError):
        raise UnknownTokenError(f"{type_!r}: no installed provider SDK knows this resource") from None
    return tuple(
        getattr(member.fget, "_pulumi_name", key)
        for key, member in inspect.getmembers(class_, lambda item: isinstance(item, property))
        if re.search(r"Output\[(Optional\[)?(_builtins\.)?str\]", str(member.fget.__annotations__.get("return", "")))
    )
