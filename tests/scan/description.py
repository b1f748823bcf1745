"""Knows how the ways into the portal are described for a scanner that reads OpenAPI; pages themselves have no such description."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from werkzeug.routing import Rule, UUIDConverter

from portal.domain.tenancy import Tenant
from tests.cast import PASSWORD
from tests.fixtures_portal import settings_for
from tests.guards.inhabited import Inhabited, Visitor, everything
from tests.guards.routes import Way, ways

Json = dict[str, object]

# What a page may answer. Whoever asks for what is not his gets 404, whoever asks for nonsense 400, 422 or the form again;
# 409 is a change that came too late, 429 too many, 503 a part that is missing, as /readyz says without anybody who delivers.
# Whoever asks for JSON is told what is wrong with his question as JSON, with 422.
_ANSWERS = {"GET": (200, 303, 400, 403, 404, 405), "POST": (200, 303, 400, 403, 404, 405, 409, 413, 422, 429)}
_ANSWERS_OF = {"/readyz": (200, 503), "/t/<uuid:tenant_id>/explanation": (*_ANSWERS["GET"], 422)}
# A file is uploaded here; everywhere else it is text that is typed.
_FILES = frozenset({"logo", "file"})


def describe(town: Inhabited, visitor: Visitor, read: Mapping[str, Collection[str]]) -> Json:
    """Every way of the portal with what its view reads, as somebody asks it about his own company and those below.

    `read` are the fields by the way's name. Ids are his own, and one of each kind that nobody ever had.
    """
    samples = everything(town.company_of(visitor).ids)
    paths: dict[str, Json] = {}
    for way in ways(town.app):
        operation = paths.setdefault(_template(way.rule), {})
        operation[way.method.lower()] = _operation(town, visitor, way, sorted(read[way.name]), samples)
    return _document(paths)


def describe_planted(addresses: Iterable[str], fields: Collection[str]) -> Json:
    """The planted holes that only look; each may be asked all of these questions."""
    asked = [_question(name, "word") for name in sorted(fields)]
    return _document(
        {each: {"get": {"parameters": asked, "responses": _responses((200, 302, 404))}} for each in addresses}
    )


def not_for(town: Inhabited, visitor: Visitor) -> list[str]:
    """What no answer to this visitor may hold: passwords and keys, and marks of companies that are neither above nor below.

    Those above are named where a page tells whose brand takes the place of one's own; `make isolation` knows where.
    """
    own = visitor.actor.tenant
    foreign = [each.mark for each in town.companies if each.mark and not _is_on_his_line(each.tenant, own)]
    keys = [key.decode() for _name, key in settings_for(Path()).key_ring]
    return [PASSWORD, "open sesame", *keys, *foreign]


def _is_on_his_line(tenant: Tenant | None, own: Tenant) -> bool:
    return tenant is not None and (tenant.stands_under(own) or own.stands_under(tenant))


def _document(paths: Mapping[str, Json]) -> Json:
    return {"openapi": "3.0.3", "info": {"title": "Relaytree", "version": "0"}, "paths": dict(paths)}


def _operation(town: Inhabited, visitor: Visitor, way: Way, fields: list[str], samples: Mapping[str, object]) -> Json:
    places = [_place(town, visitor, way.rule, name) for name in sorted(way.ids)]
    answers = _responses(_ANSWERS_OF.get(way.rule.rule, _ANSWERS[way.method]))
    if way.is_safe:
        return {"parameters": [*places, *(_question(name, samples.get(name)) for name in fields)], "responses": answers}
    return {"parameters": places, "requestBody": _form(fields, samples, visitor.token), "responses": answers}


def _form(fields: list[str], samples: Mapping[str, object], token: str) -> Json:
    typed: Json = {name: _text(samples.get(name)) for name in fields}
    typed |= {name: {"type": "string", "format": "binary"} for name in _FILES & set(fields)}
    typed["csrf_token"] = {"type": "string", "enum": [token]}
    schema = {"type": "object", "properties": typed, "required": ["csrf_token"]}
    kind = "multipart/form-data" if _FILES & set(fields) else "application/x-www-form-urlencoded"
    return {"required": True, "content": {kind: {"schema": schema}}}


def _question(name: str, sample: object) -> Json:
    return {"in": "query", "name": name, "schema": _text(sample)}


def _text(sample: object) -> Json:
    return {"type": "string"} if sample is None else {"type": "string", "example": str(sample)}


def _place(town: Inhabited, visitor: Visitor, rule: Rule, name: str) -> Json:
    if not isinstance(rule._converters[name], UUIDConverter):
        known = {"type": "string", "minLength": 1, "pattern": "^[a-z0-9.-]+$"}
        return {"in": "path", "name": name, "required": True, "schema": known}
    own = {**town.company_of(visitor).ids, **visitor.ids}
    below = [each.ids for each in town.companies if each.tenant and each.tenant.stands_under(visitor.actor.tenant)]
    found = {str(ids[name]) for ids in (town.nobodys.ids, own, *below) if name in ids}
    schema = {"type": "string", "format": "uuid", "enum": sorted(found), "example": str(own[name])}
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _responses(statuses: Iterable[int]) -> Json:
    return {str(status): {"description": "as for everybody"} for status in statuses}


def _template(rule: Rule) -> str:
    return "".join(f"{{{text}}}" if is_dynamic else text for is_dynamic, text in rule._trace).removeprefix("|")
