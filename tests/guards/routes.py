"""Knows every way into a portal: each rule with its methods, and its address with the ids filled in."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from portal.web.policy import Policy, policy_of

# Flask answers these on its own: OPTIONS without any view, HEAD through the view of GET.
ON_ITS_OWN = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Way:
    """One rule with one method. `policy` is None where the view declares none, which a guard refuses."""

    rule: Rule
    method: str
    policy: Policy | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self.rule.arguments)

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"

    def url(self, values: Mapping[str, object]) -> str:
        """The address with everything filled in. Raises LookupError for an id of which there is no sample yet."""
        missing = self.ids - values.keys()
        if missing:
            raise LookupError(f"{self.name}: give tests/guards/inhabited.py a sample of {', '.join(missing)}")
        _host, path = self.rule.build({name: values[name] for name in self.ids})
        return path


def ways(app: Flask) -> list[Way]:
    return [
        Way(rule, method, policy_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - ON_ITS_OWN)
    ]
