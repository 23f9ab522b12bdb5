"""The engine's backend that makes every registration in moto, through boto3 and the table of creators."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import boto3
import jmespath
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from jmespath import functions

from ops.engine.record import Request, Secret, reveal
from ops.engine.synthetic import Synthetic
from ops.sandbox.coerce import CoercionError, coerce, parameters, tag_parameters
from ops.sandbox.creator import Call, Creator, Missing, fill, references
from ops.sandbox.creators import CREATORS, LOCAL, RECORDED
from ops.sandbox.hush import Hush

# Keys that open nothing: moto takes any, and with these no call could reach a real account.
CREDENTIALS: Final = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}


class CreationError(Exception):
    """A resource that the local cloud did not make; the message names it and says why."""

    def __init__(self, request: Request, reason: str) -> None:
        """Keep whose it was and why."""
        reason = _without_secrets(reason, request.inputs)
        super().__init__(f"{request.name} ({request.type}): {reason}")
        self.name = request.name
        self.type = request.type
        self.reason = reason


class NoCreatorError(CreationError):
    """A resource type that the table of creators does not have."""

    def __init__(self, request: Request) -> None:
        """Say where it would have to be added."""
        super().__init__(request, "the local cloud has no creator for this type; add one in ops/sandbox/creators")


class Cloud:
    """Makes registrations in moto. Use inside `moto.mock_aws`."""

    unknown_outputs = False

    def __init__(self, hush: Hush | None = None) -> None:
        """Start empty; `hush` learns every secret that is made or given."""
        self._session: Any = boto3.Session(**CREDENTIALS)  # inside moto's reach, so made here and not on import
        self._providers: dict[str, Mapping[str, Any]] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        self._synthetic = Synthetic()
        self.recorded: list[Request] = []
        self.hush = hush or Hush()
        # Told of each call before it is made, by service, region and parameters: whoever has to wait for something may.
        self.before_call: Callable[[str, str, Mapping[str, Any]], None] = Cloud.never_wait

    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        """Make `request` and give its id and outputs.

        Raises:
            CreationError: moto or boto3 refused it.
            NoCreatorError: there is no creator for its type.
        """
        self.hush.learn(request.inputs)
        synthetic_id, synthetic = self._synthetic.create(request)
        if request.type.startswith("pulumi:providers:"):
            self._providers[request.urn] = request.inputs
            return f"{request.name}-provider", synthetic
        if request.type in LOCAL:
            id_, outputs = LOCAL[request.type](request)
            self.hush.learn(outputs)
            return id_, outputs
        if request.type in RECORDED:
            self.recorded.append(request)
            return synthetic_id, synthetic
        creator = CREATORS.get(request.type)
        if creator is None:
            raise NoCreatorError(request)
        with refused_as_creation(request, self.hush):
            making = _Making(self, request, creator.chosen(request.inputs))
            making.seed()
            return making.make()

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """The boto3 client of `service` in `region`, made once."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.client(service, region_name=region, config=_CONFIG)
        return self._clients[key]

    @staticmethod
    def never_wait(service: str, region: str, params: Mapping[str, Any]) -> None:
        """Wait for nothing: what is being built stands at once."""

    def provider(self, request: Request) -> Mapping[str, Any]:
        """The settings of the provider that carries `request`."""
        return self._providers[request.provider]


@contextmanager
def refused_as_creation(request: Request, hush: Hush) -> Generator[None]:
    """Whatever moto or boto3 refuses of `request`, as the error that names it and repeats no secret.

    Raises:
        CreationError: in place of what they raised.
    """
    try:
        yield
    except (ClientError, BotoCoreError, CoercionError, KeyError, TypeError, ValueError) as error:
        # Not with its cause, which repeats what it refuses.
        raise CreationError(request, hush(f"{type(error).__name__}: {error}")) from None


# moto's region of services that have none, and the one in which, in its own account, it looks up a service's addresses.
_GLOBAL: Final = "aws"
_LOOK_UP: Final = "us-east-1"


class _PathFunctions(functions.Functions):
    """What JMESPath lacks and ids need."""

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_after(self, text: str | None, mark: str) -> str | None:
        """The part of `text` after the last `mark`: `after(Zone.Id, '/')`."""
        return text.rpartition(mark)[2] if text else None


_PATHS: Final = jmespath.Options(custom_functions=_PathFunctions())
# An endpoint in the environment is some other cell's: the calls of this one stay in this process.
_OPTIONS: Final[dict[str, Any]] = {"ignore_configured_endpoint_urls": True}  # botocore's type stubs lack it
_CONFIG: Final = Config(retries={"max_attempts": 1}, parameter_validation=True, **_OPTIONS)


class Calling:
    """Calls for one resource, filled from its values, each checked against botocore's own model."""

    def __init__(self, cloud: Cloud, request: Request, service: str) -> None:
        """Call `service` in the region of the provider that carries `request`; nothing is known but where that is."""
        self._cloud = cloud
        self._request = request
        self._service = service
        self._provider = cloud.provider(request)
        self._region = str(self._provider["region"])
        self._values: dict[str, Any] = {
            "region": self._region,
            "account": str(self._provider["allowedAccountIds"][0]),
        }

    def seed(self) -> None:
        """Have moto choose ids by the resource's URN, so that the same program is given the same ids.

        What moto first makes for a region (a default VPC, managed policies) is made before, for it takes of the chance.
        """
        from moto.backends import get_backend  # noqa: PLC0415 - moto reads its environment first
        from moto.core import DEFAULT_ACCOUNT_ID  # noqa: PLC0415 - as above
        from moto.moto_api._internal import mock_random  # noqa: PLC0415 - as above

        for service in ("ec2", self._service):
            accounts: Any = get_backend(service)  # type: ignore[call-overload]
            for account, region in ((self._values["account"], self._region), (DEFAULT_ACCOUNT_ID, _LOOK_UP)):
                regions = accounts[account]
                regions[region if region in regions.regions else _GLOBAL]
        mock_random.seed(self._request.urn)

    def _then(self, calls: Sequence[Call]) -> dict[str, Any]:
        """Make those of `calls` that are to be made; the outputs read from their answers."""
        outputs: dict[str, Any] = {}
        for call in calls:
            if not call.when or self._values.get(call.when):
                answer = self._call(call.service or self._service, call.operation, self._filled(call))
                outputs |= self._read(call.outputs, answer)
        return outputs

    def _filled(self, call: Call) -> dict[str, Any]:
        shape = self._shape(call.service or self._service, call.operation)
        return self._coerced(shape, fill(call.params, self._values))

    def _coerced(self, shape: Any, params: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - botocore's shape
        return {name: coerce(shape.members[name], value, where=self._request.type) for name, value in params.items()}

    def _shape(self, service: str, operation: str) -> Any:  # noqa: ANN401 - botocore's shape
        client = self._cloud.client(service, self._region)
        name = client.meta.method_to_api_mapping[operation]
        return client.meta.service_model.operation_model(name).input_shape

    def _call(self, service: str, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self._cloud.before_call(service, self._region, params)
        return getattr(self._cloud.client(service, self._region), operation)(**params)

    def _read(self, paths: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs out of an answer, which later calls may refer to."""
        found = {name: self._extract(path, answer) for name, path in paths.items()}
        self._values |= {name: value for name, value in found.items() if value is not None}
        return found

    def _extract(self, path: str, response: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        if references(path):
            filled = fill(path, self._values)
            return None if filled is Missing else filled
        return jmespath.search(path, response, _PATHS)


class _Making(Calling):
    """One resource in the making."""

    def __init__(self, cloud: Cloud, request: Request, creator: Creator) -> None:
        super().__init__(cloud, request, creator.service)
        self._creator = creator
        provider = self._provider
        plain = dict(reveal(request.inputs))
        tags: dict[str, str] = {}
        if not isinstance(plain.get("tags"), list):  # Auto Scaling's, which the provider's defaults do not reach
            tags = {**provider.get("defaultTags", {}).get("tags", {}), **plain.pop("tags", {})}
        self._tags = tags
        self._inputs = dict(creator.prepare(plain)) if creator.prepare else plain
        self._values = {
            **plain,
            **self._inputs,
            **self._values,
            "logicalName": request.name,
            "tagPairs": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    def make(self) -> tuple[str, Mapping[str, Any]]:
        response = self._first()
        found = self._extract(self._creator.id, response)
        if found is None:
            raise ValueError(f"{self._creator.operation} gave no id where {self._creator.id} looks for it")
        self._values["id"] = id_ = str(found)
        outputs = self._read(self._creator.outputs, response) | self._then(self._creator.then)
        return id_, {**self._request.inputs, "tagsAll": self._tags, **_sealed(self._request, outputs)}

    def _first(self) -> Mapping[str, Any]:
        creator = self._creator
        shape = self._shape(creator.service, creator.operation)
        where = self._request.type
        mapped = {key: value for key, value in self._inputs.items() if key not in creator.named}
        params = parameters(shape, mapped, where=where)
        params |= self._coerced(shape, fill(creator.params, self._values))
        params |= tag_parameters(shape, self._tags, creator.tag_type)
        return self._call(creator.service, creator.operation, params)


def _without_secrets(text: str, value: Any) -> str:  # noqa: ANN401 - a property tree is any JSON
    """`text` without the secret values in `value`: boto3 repeats what it refuses."""
    if isinstance(value, Secret):
        return text.replace(str(value.value), str(value)) if value.value else text
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in items:
        text = _without_secrets(text, item)
    return text


def _sealed(request: Request, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """`outputs`, with what repeats a secret input marked secret again."""
    secrets = [value.value for value in request.inputs.values() if isinstance(value, Secret)]
    return {key: Secret(value) if value in secrets else value for key, value in outputs.items()}
