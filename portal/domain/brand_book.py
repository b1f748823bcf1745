"""Knows every brand of an installation at once: who set what, and which names the portal answers to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.domain.branding import Branding, Logo, applying
from portal.domain.ids import TenantId


@dataclass(frozen=True, slots=True)
class HostPlace:
    """Whose name it is, and where that company stands."""

    tenant_id: TenantId
    path: str


@dataclass(frozen=True, slots=True)
class BrandBook:
    """`brandings` are by the path of the company, `hosts` those that are served. `version` changes with either."""

    version: int
    brandings: Mapping[str, Branding] = field(default_factory=dict)
    hosts: Mapping[str, HostPlace] = field(default_factory=dict)

    def applying_to(self, path: str) -> Branding:
        """What the people of the company with this path see."""
        return applying(self.brandings[each] for each in _upwards(path) if each in self.brandings)

    def of_root(self) -> Branding:
        """What whoever is nobody yet sees under the portal's own name."""
        return next((each for path, each in self.brandings.items() if path.count(".") == 1), Branding())

    def admits(self, host: str, path: str) -> bool:
        """Whether the people of a company may come in under this name; under the portal's own (empty) all may."""
        if not host:
            return True
        place = self.hosts.get(host)
        return place is not None and path.startswith(place.path)

    def logos_below(self, path: str) -> Iterator[Logo]:
        """What a company and those below it set."""
        return (each.logo for place, each in self.brandings.items() if each.logo and place.startswith(path))


def _upwards(path: str) -> Iterator[str]:
    """The path itself and those of everybody above, nearest first."""
    labels = path.split(".")[:-1]
    return (".".join(labels[:length]) + "." for length in range(len(labels), 0, -1))
