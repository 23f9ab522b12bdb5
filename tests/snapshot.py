"""What stands in moto, kept and put back within milliseconds: what tests build alike, they build once a process.

A copy is whole: what one test does to it, no other test sees. It stays in this process's memory.
"""

from __future__ import annotations

import io
import pickle
from collections import defaultdict
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.core.base_backend import BackendDict
from typing_extensions import override

_REGISTRY: Final[Any] = BackendDict  # a service's backends by account; its list of those in use has no static type


class Snapshot:
    """Every backend of moto as it was when this was made."""

    def __init__(self) -> None:
        """Keep what stands now, in all services, accounts and regions."""
        written = io.BytesIO()
        pickler = _Pickler(written)
        pickler.dump([(services, dict(services)) for services in _REGISTRY._instances])
        self._content = written.getvalue()
        self._shared = pickler.shared

    def restore(self) -> None:
        """Put a copy of it into an empty moto: call it in a fresh `local_aws`."""
        for services, accounts in _Unpickler(self._content, self._shared).load():
            for account, regions in accounts.items():
                _ = services[account]  # has moto see that the service is in use, so that it empties it afterwards
                services[account] = regions


class _Pickler(pickle.Pickler):
    """Shares what never changes and cannot be pickled: moto's registries, local functions and private keys."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.shared: list[object] = []

    @override
    def persistent_id(self, obj: Any) -> int | None:
        is_local = isinstance(obj, FunctionType) and "<locals>" in obj.__qualname__
        if is_local and obj.__closure__:
            raise pickle.PicklingError(f"{obj.__qualname__} holds variables, which a copy would share: leave it out")
        if not (is_local or isinstance(obj, _REGISTRY | RSAPrivateKey)):
            return None
        self.shared.append(obj)
        return len(self.shared) - 1

    @override
    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, defaultdict) and type(obj) is not defaultdict:
            # Such a class makes itself from other arguments than pickle gives a `defaultdict`.
            return _empty, (type(obj), obj.default_factory), vars(obj), None, iter(obj.items())
        return NotImplemented


def _empty(class_: type[defaultdict[Any, Any]], factory: Callable[[], Any] | None) -> defaultdict[Any, Any]:
    made: defaultdict[Any, Any] = defaultdict.__new__(class_)
    defaultdict.__init__(made, factory)
    return made


class _Unpickler(pickle.Unpickler):
    """The reverse of `_Pickler`."""

    def __init__(self, content: bytes, shared: list[object]) -> None:
        super().__init__(io.BytesIO(content))
        self._shared = shared

    @override
    def persistent_load(self, pid: int) -> Any:
        return self._shared[pid]
