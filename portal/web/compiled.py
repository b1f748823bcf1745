"""Knows how compiled templates write: what is safe already is not made safe again."""

from collections.abc import MutableMapping
from functools import cached_property
from typing import Any

from flask.templating import Environment
from jinja2 import Environment as AnyEnvironment
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro, Undefined
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped  # type: ignore[attr-defined]  # what its `escape` is made of

__all__ = ["CompiledEnvironment", "CompiledTemplate", "escaped", "written"]


def written(value: object) -> str:
    """What a template puts into a page for a value: escaped, unless it is Markup.

    The `escape` of markupsafe makes a Markup of everything, also of what is one; but what is written is joined at
    once, and a page has a thousand such pieces. This is a tenth of it.
    """
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]  # that is what it is
    if kind is str:
        return escaped(value)  # type: ignore[arg-type]  # the same
    if kind is Undefined:  # what `a if b` is where b is not; a name that is missing is of another kind, and an error
        return ""
    return escape(value)


class CompiledMacro(Macro):
    """What a macro wrote is text, and nothing has to be asked of it to be Markup."""

    def _invoke(self, arguments: list[Any], autoescape: bool) -> str:  # noqa: FBT001 - as Jinja has it
        text: str = self._func(*arguments)
        return str.__new__(Markup, text) if autoescape else text


class CompiledTemplate(Template):
    """A template whose code calls ours where it would call Jinja's."""

    @classmethod
    def _from_namespace(
        cls,
        environment: AnyEnvironment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],  # noqa: A002
    ) -> Template:
        namespace.update(escape=written, Macro=CompiledMacro)
        return super()._from_namespace(environment, namespace, globals)

    def _get_default_module(self, _context: Context | None = None) -> TemplateModule:
        """What components may use is the same for all templates: Jinja need not compare it at each import of a page."""
        return super()._get_default_module()


class CompiledEnvironment(Environment):
    """Where templates do not change, one that was found is there without a look at its age."""

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        if self.auto_reload or globals:
            return super().get_template(name, parent, globals)
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = super().get_template(name, parent, globals)
        return found

    @cached_property
    def _found(self) -> dict[str | Template, Template]:
        return {}
