"""Knows how frozen values are kept as JSON in a row and read back."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.diagnosis import Code, Finding, Status, Step
from portal.domain.mail_config import (
    Destination,
    Draft,
    Encryption,
    Mechanism,
    MisfitPolicy,
    SignIn,
    Trust,
    TrustKind,
)
from portal.domain.precedence import Reason, Rung, Source

Shape = dict[str, Any]


def of_findings(findings: Sequence[Finding]) -> list[Shape]:
    return [
        {
            "step": finding.step.value,
            "status": finding.status.value,
            "milliseconds": finding.milliseconds,
            "code": finding.code.value,
            "fact": finding.fact,
            "values": dict(finding.values),
            "reply": finding.reply,
        }
        for finding in findings
    ]


def findings_from(shapes: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            step=Step(shape["step"]),
            status=Status(shape["status"]),
            milliseconds=shape["milliseconds"],
            code=Code(shape["code"]),
            fact=shape["fact"],
            values=shape["values"],
            reply=shape["reply"],
        )
        for shape in shapes
    )


def of_trace(trace: Sequence[Rung]) -> list[Shape]:
    return [
        {"source": rung.source.value, "place": rung.place, "reason": rung.reason.value if rung.reason else None}
        for rung in trace
    ]


def trace_from(shapes: Sequence[Mapping[str, Any]]) -> tuple[Rung, ...]:
    return tuple(
        Rung(Source(shape["source"]), shape["place"], Reason(shape["reason"]) if shape["reason"] else None)
        for shape in shapes
    )


def of_draft(draft: Draft) -> Shape:
    place = draft.destination
    return {
        "name": draft.name,
        "host": place.host,
        "port": place.port,
        "encryption": place.encryption.value,
        "username": place.username,
        "mechanism": place.mechanism.value,
        "trust_kind": place.trust.kind.value,
        "trust_value": place.trust.value,
        "sign_in": draft.sign_in.value,
        "from_address": draft.from_address,
        "from_name": draft.from_name,
        "charset": draft.charset,
        "misfit": draft.misfit.value,
        "reply_to": draft.reply_to,
        "envelope_from": draft.envelope_from,
        "helo_name": draft.helo_name,
        "cleartext_consent": draft.cleartext_consent,
        "per_minute": draft.per_minute,
    }


def draft_from(shape: Mapping[str, Any]) -> Draft:
    return Draft(
        name=shape["name"],
        destination=Destination(
            host=shape["host"],
            port=shape["port"],
            encryption=Encryption(shape["encryption"]),
            username=shape["username"],
            mechanism=Mechanism(shape["mechanism"]),
            trust=Trust(TrustKind(shape["trust_kind"]), shape["trust_value"]),
        ),
        sign_in=SignIn(shape["sign_in"]),
        from_address=shape["from_address"],
        from_name=shape["from_name"],
        charset=shape["charset"],
        misfit=MisfitPolicy(shape["misfit"]),
        reply_to=shape["reply_to"],
        envelope_from=shape["envelope_from"],
        helo_name=shape["helo_name"],
        cleartext_consent=shape["cleartext_consent"],
        # A test that was asked for before there were limits has none.
        per_minute=shape.get("per_minute", 0),
    )
