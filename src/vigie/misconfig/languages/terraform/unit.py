"""A root module with everything it calls, while it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from vigie.misconfig.language import Files
from vigie.misconfig.languages.terraform.blocks import value_of
from vigie.misconfig.languages.terraform.declarations import SUFFIXES, Declarations, declare
from vigie.misconfig.languages.terraform.expansion import Expansion
from vigie.misconfig.languages.terraform.expression import compile_expression
from vigie.misconfig.languages.terraform.module import Isolated, Module
from vigie.misconfig.languages.terraform.scope import Budget, Scope
from vigie.misconfig.languages.terraform.sources import Place, Sources
from vigie.misconfig.languages.terraform.syntax import Argument, Nested, parse
from vigie.misconfig.languages.terraform.variables import Given, Variable, assignments, declared
from vigie.misconfig.value import Cause
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

MAX_PROBLEMS = 100
MAX_MODULE_DEPTH = 20
MAX_MODULES = 10_000
MAX_FILE = 16 << 20
MAX_KEPT = 4 << 20
"""Bytes of files whose trees are kept for further root modules."""


class TerraformUnit:
    """What the modules of one unit share: files, parsed folders, budget, problems."""

    def __init__(self, files: Files, folder: str, options: MisconfigOptions) -> None:
        self.files, self.folder, self.options = files, folder, options
        self.budget = Budget()
        self.problems: list[Problem] = []
        self._noted: set[tuple[str, str]] = set()
        self._folders: dict[tuple[int, str], Declarations] = {}
        self._variables: dict[int, Variable] = {}
        self._rendering = 0
        self._spent = False
        self._found: dict[tuple[int, str, str], Place | None] = {}
        self.texts: dict[str, bytes] = {}
        self._modules = 0
        self.current: Argument | None = None
        assigned = assignments(files, folder, options.terraform_vars)
        self.assigned: Mapping[str, Given] = assigned.values
        self.problems += assigned.problems
        self.sources = Sources(files, folder, options, self.problems)
        self.root = Module(self, self.declarations(files, folder), files, folder)

    def problem(self, where: str, what: str) -> None:
        """Takes a problem to the report, once."""
        if (where, what) not in self._noted and len(self._noted) < MAX_PROBLEMS:
            self._noted.add((where, what))
            self.problems.append(Problem(where, what))
            if len(self._noted) == MAX_PROBLEMS:
                self.problems.append(
                    Problem(self.folder or ".", f"more than {MAX_PROBLEMS} problems; the rest is left out")
                )

    def too_deep(self, argument: Argument) -> None:
        self.problem(argument.place, f"{argument.name} hangs on too many other values")

    def exceeded(self, at: Nested | Argument, what: str) -> None:
        """Says that something is too large to be judged."""
        if what == self.budget.spent:
            if self._spent:
                return
            self._spent = True
            what += "; the rest of the module was judged with unknown values"
        self.problem(at.place, what)

    def bounded(self, number: int, most: int, node: Nested) -> int:
        """A number of instances within bounds."""
        if number > most:
            what = f"{'.'.join(node.labels)} has {number} instances, of which {most} were judged"
            self.problem(node.place, what[:300])
        return max(0, min(number, most))

    def declarations(self, files: Files, folder: str, prefix: str = "") -> Declarations:
        """What the files of a folder declare; read once."""
        key = (id(files), folder)
        found = self._folders.get(key)
        if found is None:
            kept = _KEPT.setdefault(files, {})
            found = kept.get(folder) or self._read(files, folder, prefix)
            self._folders[key] = found
            if folder != self.folder and folder not in kept:
                while kept and sum(one.weight for one in kept.values()) + found.weight > MAX_KEPT:
                    del kept[next(iter(kept))]
                kept[folder] = found
            for source in found.sources if prefix else ():
                self.texts[source.shown] = source.data
            for where, what in found.problems:
                self.problem(where, what)
        return found

    def _read(self, files: Files, folder: str, prefix: str) -> Declarations:
        sources, problems = [], []
        for path in self._paths(files, folder):
            data = files.read(path)
            if data is None or len(data) > MAX_FILE:
                what = "could not be read" if data is None else "too large to be read"
                problems.append((path_within(prefix, path), what))
            else:
                source = parse(path, data)
                source.shown = path_within(prefix, path)
                sources.append(source)
        found = declare(sources)
        found.problems += problems
        return found

    def _paths(self, files: Files, folder: str) -> Sequence[str]:
        """The files of Terraform in a folder."""
        if files is self.files:
            listed = folders_of(files).get(folder)
            if listed is not None:
                return listed
        start = "".join(f"[{char}]" if char in "*?[{" else char for char in folder) + "/" if folder else ""
        return sorted(path for path in files.glob(start + "*") if path.endswith(SUFFIXES))

    def children(self, module: Module, node: Nested, expansion: Expansion) -> list[Module]:
        """The instances of a called module; none when it cannot be had."""
        source = node.body.arguments.get("source")
        where = node.place
        name = node.labels[0]
        path = (*module.path, name)
        if len(path) > MAX_MODULE_DEPTH:
            self.problem(where, f"modules call each other more than {MAX_MODULE_DEPTH} deep")
            return []
        wanted = value_of(source, module.scope) if source is not None else None
        key = (id(module.files), module.folder, wanted if isinstance(wanted, str) else "")
        found = self._found.get(key)
        if found is None:
            version = node.body.arguments.get("version")
            found = self.sources.find(
                wanted,
                value_of(version, module.scope) if version is not None else None,
                Place(module.files, module.folder, module.prefix),
                path,
                where,
            )
            if isinstance(wanted, str) and wanted.startswith("."):
                self._found[key] = found
        if found is None:
            return []
        files, folder, prefix = found.files, found.folder, found.prefix
        if _calls(module, files, folder):
            self.problem(where, f"module {name} calls itself; the inner call was not judged")
            return []
        declarations = self.declarations(files, folder, prefix)
        instances = []
        for _, suffix, scope in expansion.places:
            self._modules += 1
            if self._modules > MAX_MODULES:
                self.problem(where, f"more than {MAX_MODULES} modules; the rest was not judged")
                break
            cause = Cause(node.source.path, node.start, node.end, f"module.{name}{suffix}", module.cause, module.prefix)
            instances.append(Module(self, declarations, files, folder, prefix, path, scope, node.body, cause))
        return instances

    def variable(self, node: Nested, module: Module) -> Variable:
        """A variable that is declared; read once for all instances of the module."""
        found = self._variables.get(id(node))
        if found is None:
            where = node.place
            found = declared(node, self.literal, lambda what: self.problem(where, what))
            self._variables[id(node)] = found
        return found

    def literal(self, text: str) -> Any:
        """The value of an expression that refers to nothing."""
        from vigie import _core

        return compile_expression(_core.parse_hcl_expression(text))(Scope(self.root))

    def render(self, text: str, name: str, variables: Mapping[str, Any], module: Module) -> Any:
        """The value of a template in a file."""
        from vigie import _core
        from vigie.misconfig.languages.terraform.values import FunctionError, LimitError

        if self._rendering >= 10:
            raise LimitError(f"{name}: templates render each other too deeply")
        self._rendering += 1
        try:
            code = compile_expression(_core.parse_hcl_template(text))
            return code(Scope(Isolated(module), dict(variables)))
        except FunctionError:
            raise
        except ValueError as error:
            raise FunctionError(f"{name}: {error}") from error
        finally:
            self._rendering -= 1

    def modules(self) -> Sequence[Module]:
        """All instances of all modules, the root first, callers before those they call."""
        found = [self.root]
        for module in found:
            for name in module.declarations.calls:
                call = module.call(name)
                if call is not None:
                    found += call.instances()
        return found


def path_within(prefix: str, path: str) -> str:
    """A path as reports name it: the module's source in front."""
    return "/".join(part for part in f"{prefix}/{path}".split("/") if part) if prefix else path


def _calls(module: Module, files: Files, folder: str) -> bool:
    """Whether the module, or one that led to it, is of this folder."""
    caller: Module | None = module
    while caller is not None:
        if caller.folder == folder and caller.files is files:
            return True
        caller = caller.outer.module if caller.outer is not None else None
    return False


_KEPT: WeakKeyDictionary[Files, dict[str, Declarations]] = WeakKeyDictionary()
"""Modules that other root modules may call, too, the oldest first."""

_FOLDERS: WeakKeyDictionary[Files, dict[str, list[str]]] = WeakKeyDictionary()


def folders_of(files: Files) -> dict[str, list[str]]:
    """The files of Terraform by folder; sorted once for all units."""
    found = _FOLDERS.get(files)
    if found is None:
        found = _FOLDERS[files] = {}
        for path in files.paths("terraform"):
            found.setdefault(path.rpartition("/")[0], []).append(path)
    return found
