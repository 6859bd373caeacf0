"""Expressions: from the parser's tuples to Python callables that take a scope and give a value.

    code = compiled(argument)
    value = code(scope)

Values are those of `misconfig/value.py` and `values.py`. What cannot be evaluated raises FunctionError, which `try`
and `can` catch; who asks for the value of an argument takes it as unknown. A resource as a whole is an Unknown of
type `object` whose `source` is its block and whose `attribute` is "": what is asked of it is found when asked.

Kinds of nodes: `(template, parts)`, `(text_if, condition, yes, no)`, `(text_for, key, value, collection, text)`,
`(ref, name, steps)`, `(path, expression, steps)`, `(call, name, arguments, expand)`, `(not, x)`, `(negative, x)`,
`(chain, first, ((operator, x), …))`, `(if, condition, yes, no)`, `(tuple, items)`, `(object, ((key, value), …))`,
`(for_tuple, key, value, collection, result, (condition,) | None)`, `(for_object, …, result key, result, …, group)`,
`(unknown,)`.
Steps: a name, `(index, expression)`, `(splat, full, steps)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vigie.misconfig.languages.terraform import operators, references
from vigie.misconfig.languages.terraform.functions import LAZY, call
from vigie.misconfig.languages.terraform.scope import Scope
from vigie.misconfig.languages.terraform.syntax import Argument
from vigie.misconfig.languages.terraform.values import FunctionError, entries, mark, survey, to_list
from vigie.misconfig.value import UNKNOWN, Sensitive, Unknown

Code = Callable[[Scope], Any]

MAX_NESTED = 2000
"""Parts of a tuple or object that are evaluated without looking at the budget."""


def compiled(argument: Argument) -> Code:
    """The callable for an argument's expression."""
    code = argument.code
    if code is None:
        code = argument.code = compile_expression(argument.expression)
    return code


def compile_expression(node: Any) -> Code:
    """The callable for a node. Raises RecursionError for one that is nested too deeply."""
    if not isinstance(node, tuple):
        return lambda scope: node
    return _COMPILERS[node[0]](node)


def _literals(nodes: tuple[Any, ...]) -> bool:
    return not any(isinstance(node, tuple) for node in nodes)


def _template(node: Any) -> Code:
    codes = [compile_expression(part) if isinstance(part, tuple) else part for part in node[1]]
    join = operators.join

    def run(scope: Scope) -> Any:
        return join(
            [part if isinstance(part, str) else part(scope) if callable(part) else part for part in codes], scope
        )

    return run


def _condition(node: Any) -> Code:
    condition, yes, no = compile_expression(node[1]), compile_expression(node[2]), compile_expression(node[3])

    def run(scope: Scope) -> Any:
        test = condition(scope)
        if test is True:
            return yes(scope)
        if test is False:
            return no(scope)
        return operators.choose(test, yes, no, scope)

    return run


def _text_for(node: Any) -> Code:
    _, key, value, collection, text = node
    source, body = compile_expression(collection), compile_expression(text)

    def run(scope: Scope) -> Any:
        over = source(scope)
        marked = isinstance(over, Sensitive)
        over = over.value if isinstance(over, Sensitive) else over
        if isinstance(over, Unknown):
            return Unknown("string")
        parts = []
        for item_key, item in _turns(over, scope):
            parts.append(body(scope.with_names({key: item_key, value: item} if key else {value: item})))
        joined = operators.join(parts, scope)
        return mark(joined) if marked else joined

    return run


def _turns(over: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
    """Key and value of each turn of a `for`."""
    turns = list(entries(over))
    scope.spend(len(turns))
    budget = scope.module.budget
    for number, turn in enumerate(turns):
        if not number % 64:
            budget.time()
        yield turn


def _reference(node: Any) -> Code:
    steps = [_step(step) for step in node[2]]
    return references.reference(node[1], steps)


def _path(node: Any) -> Code:
    source = compile_expression(node[1])
    steps = [_step(step) for step in node[2]]

    def run(scope: Scope) -> Any:
        return references.walk(source(scope), steps, 0, scope)

    return run


def _step(step: Any) -> references.Step:
    if isinstance(step, str):
        return references.Name(step)
    if step[0] == "index":
        key = step[1]
        if isinstance(key, tuple):
            return references.Index(compile_expression(key))
        return references.Key(key)
    return references.Splat(step[1], [_step(inner) for inner in step[2]])


def _call(node: Any) -> Code:
    _, name, arguments, expand = node
    codes = [compile_expression(argument) for argument in arguments]
    if name in LAZY:
        return lambda scope: call(name, [_later(code, scope) for code in codes], scope)
    if name == "convert" and len(arguments) == 2:
        codes = [codes[0], lambda scope: type_text(arguments[1])]
    if expand and codes:

        def run_expanded(scope: Scope) -> Any:
            values = [code(scope) for code in codes]
            rest = values.pop()
            marked = isinstance(rest, Sensitive)
            rest = rest.value if isinstance(rest, Sensitive) else rest
            if isinstance(rest, Unknown):
                return UNKNOWN
            result = _paid(name, values + to_list(rest), scope)
            return mark(result) if marked else result

        return run_expanded

    if len(codes) == 1:
        only = codes[0]
        return lambda scope: _paid(name, [only(scope)], scope)
    return lambda scope: _paid(name, [code(scope) for code in codes], scope)


def _paid(name: str, values: list[Any], scope: Scope) -> Any:
    """The value of a function; what it reads and makes counts against the budget."""
    for value in values:
        if isinstance(value, str):
            scope.spend_text(len(value))
    result = call(name, values, scope)
    if isinstance(result, str):
        scope.spend_text(len(result))
    elif isinstance(result, (list, dict)):
        scope.spend(len(result))
    return result


def type_text(node: Any) -> str:
    """The text of a type that stands as an expression."""
    if not isinstance(node, tuple):
        return "null" if node is None else f'"{node}"' if isinstance(node, str) else str(node).lower()
    if node[0] == "ref":
        return str(node[1])
    if node[0] == "call":
        return f"{node[1]}({', '.join(type_text(argument) for argument in node[2])})"
    if node[0] == "tuple":
        return f"[{', '.join(type_text(item) for item in node[1])}]"
    if node[0] == "object":
        return "{" + ", ".join(f"{key} = {type_text(value)}" for key, value in node[1] if isinstance(key, str)) + "}"
    raise FunctionError("a type is required")


def _later(code: Code, scope: Scope) -> Callable[[], Any]:
    return lambda: code(scope)


def _not(node: Any) -> Code:
    inner = compile_expression(node[1])

    def run(scope: Scope) -> Any:
        value = inner(scope)
        return not value if isinstance(value, bool) else operators.negation(value)

    return run


def _negative(node: Any) -> Code:
    inner = compile_expression(node[1])
    return lambda scope: operators.binary("-", 0, inner(scope))


def _chain(node: Any) -> Code:
    first = compile_expression(node[1])
    rest = [(operator, compile_expression(operand)) for operator, operand in node[2]]
    if rest[0][0] in ("&&", "||"):
        decisive = rest[0][0] == "||"
        codes = [first, *(code for _, code in rest)]
        return lambda scope: operators.logic(decisive, codes, scope)

    def run(scope: Scope) -> Any:
        value = first(scope)
        for operator, code in rest:
            value = operators.binary(operator, value, code(scope))
        return value

    return run


def _tuple(node: Any) -> Code:
    if _literals(node[1]):
        items = list(node[1])
        return lambda scope: items
    codes = [compile_expression(item) for item in node[1]]

    def run(scope: Scope) -> Any:
        if len(codes) > MAX_NESTED:
            scope.spend(len(codes))
        return [code(scope) for code in codes]

    return run


def _object(node: Any) -> Code:
    pairs = node[1]
    if all(isinstance(key, str) for key, _ in pairs):
        if _literals(tuple(value for _, value in pairs)):
            fixed = dict(pairs)
            return lambda scope: fixed
        named = [(key, compile_expression(value)) for key, value in pairs]
        return lambda scope: {key: code(scope) for key, code in named}
    codes = [(compile_expression(key), compile_expression(value)) for key, value in pairs]

    def run(scope: Scope) -> Any:
        result: dict[str, Any] = {}
        marked = False
        for key_code, code in codes:
            key = key_code(scope)
            if isinstance(key, Sensitive):
                key, marked = key.value, True
            if isinstance(key, Unknown):
                return Unknown("object")
            result[operators.key_text(key)] = code(scope)
        return mark(result) if marked else result

    return run


def _for_tuple(node: Any) -> Code:
    _, key, value, collection, result, condition = node
    source, body = compile_expression(collection), compile_expression(result)
    test = compile_expression(condition[0]) if condition else None

    def run(scope: Scope) -> Any:
        over, marked = operators.unmarked(source(scope))
        if isinstance(over, Unknown):
            return Unknown("list")
        made: list[Any] = []
        for item_key, item in _turns(over, scope):
            inner = scope.with_names({key: item_key, value: item} if key else {value: item})
            if test is not None:
                kept, secret = operators.unmarked(test(inner))
                marked = marked or secret
                if isinstance(kept, Unknown):
                    return Unknown("list")
                if not operators.truth(kept):
                    continue
            made.append(body(inner))
        survey(made)
        return mark(made) if marked else made

    return run


def _for_object(node: Any) -> Code:
    _, key, value, collection, result_key, result, condition, group = node
    source, key_code, body = compile_expression(collection), compile_expression(result_key), compile_expression(result)
    test = compile_expression(condition[0]) if condition else None

    def run(scope: Scope) -> Any:
        over, marked = operators.unmarked(source(scope))
        if isinstance(over, Unknown):
            return Unknown("map")
        made: dict[str, Any] = {}
        for item_key, item in _turns(over, scope):
            inner = scope.with_names({key: item_key, value: item} if key else {value: item})
            if test is not None:
                kept, secret = operators.unmarked(test(inner))
                marked = marked or secret
                if isinstance(kept, Unknown):
                    return Unknown("map")
                if not operators.truth(kept):
                    continue
            name, secret = operators.unmarked(key_code(inner))
            marked = marked or secret
            if isinstance(name, Unknown):
                return Unknown("map")
            name = operators.key_text(name)
            if group:
                made.setdefault(name, []).append(body(inner))
            elif name in made:
                raise FunctionError(f"two elements have the key {name!r}")
            else:
                made[name] = body(inner)
        survey(made)
        made = {name: made[name] for name in sorted(made)}
        return mark(made) if marked else made

    return run


_COMPILERS: dict[str, Callable[[Any], Code]] = {
    "template": _template,
    "text_if": _condition,
    "text_for": _text_for,
    "ref": _reference,
    "path": _path,
    "call": _call,
    "not": _not,
    "negative": _negative,
    "chain": _chain,
    "if": _condition,
    "tuple": _tuple,
    "object": _object,
    "for_tuple": _for_tuple,
    "for_object": _for_object,
    "unknown": lambda node: lambda scope: UNKNOWN,
}
