"""Metric math, as far as the program uses it: numbers, the ids of other queries, arithmetic, comparisons and IF. Pure.

Whatever else CloudWatch knows is refused. What it has in common with Python's expressions is read by Python's parser.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ops.sandbox.physics.monitoring.alarms import Point, UnsupportedAlarmError

_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = MappingProxyType(
    {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
)
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = MappingProxyType(
    {
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
    }
)
_IF_ARGUMENTS: Final = 3


@dataclass(frozen=True)
class Formula:
    """An expression that was read, and the ids in it."""

    text: str
    ids: frozenset[str]
    _root: ast.expr

    def at(self, values: Mapping[str, Point]) -> Point:
        """The value where those of the ids are `values`; None if one of them is missing, or on a division by zero."""
        known = {id_: value for id_ in self.ids if (value := values[id_]) is not None}
        if len(known) < len(self.ids):
            return None
        try:
            return _value(self._root, known)
        except ZeroDivisionError:
            return None


def parse(text: str) -> Formula:
    """The expression in `text`.

    Raises:
        UnsupportedAlarmError: it has something that is not read here.
    """
    try:
        root = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise _refused(text, "it cannot be read") from None
    ids: set[str] = set()
    _admit(root, text, ids)
    return Formula(text, frozenset(ids), root)


def _admit(node: ast.expr, text: str, ids: set[str]) -> None:
    """Note the ids below `node`, and refuse what is not known."""
    if isinstance(node, ast.Name):
        ids.add(node.id)
        return
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return
    for part in _parts(node, text):
        _admit(part, text, ids)


def _parts(node: ast.expr, text: str) -> list[ast.expr]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return [left, right]
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return [left, right]
        case ast.Call(func=ast.Name(id="IF"), args=args, keywords=[]) if len(args) == _IF_ARGUMENTS:
            return args
        case _:
            raise _refused(text, f"{ast.unparse(node)!a} is not known")


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Name(id=id_):
            return known[id_]
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_value(left, known), _value(right, known))
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return float(_COMPARISONS[type(comparison)](_value(left, known), _value(right, known)))
        case ast.Call(args=[condition, then, otherwise]):
            return _value(then if _value(condition, known) else otherwise, known)
        case _:
            raise AssertionError(ast.dump(node))


def _refused(text: str, why: str) -> UnsupportedAlarmError:
    known = "numbers, ids, + - * /, comparisons and IF"
    return UnsupportedAlarmError(f"expression {text!a}: {why}; the local cloud knows {known}")
