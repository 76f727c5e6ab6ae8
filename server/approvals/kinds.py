"""Which kinds of document there are. An area adds one by a declaration beside the command that is done in the end:

    approvable("customer.transfer", L("客户转交", …), Customer, command="customer.hand_over", fields={…}, steps=[…])

and hands documents in by `service.submit`. Prices, contracts and expenses will be further ones: a draft of theirs is
submitted with the command that makes it valid, as one of a target is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from server.approvals.models import KINDS
from server.approvals.steps import Step
from server.notifications import kinds as notices
from server.records.fields import L, Label
from server.records.record import Record, fields_of

if TYPE_CHECKING:
    from server.approvals.models import Approval
    from server.records.commands import Context

FactKind = Literal["number", "money", "choice", "ref", "fields"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a condition may look at. "fields": a list of names, of which a condition names some."""

    kind: FactKind
    label: Label
    choices: Mapping[str, Label] = field(default_factory=dict)
    ref: str | None = None
    ref_list: str | None = None


def fact_of(record: type[Record], name: str) -> Fact:
    """A field of a record as a fact, with its label and choices."""
    spec = fields_of(record)[name]
    kinds: dict[str, FactKind] = {"money": "money", "int": "number", "choice": "choice", "ref": "ref"}
    return Fact(kinds[spec.kind], spec.label, spec.choices, spec.ref, spec.ref_list)


@dataclass(frozen=True, slots=True)
class Kind:
    """`command`: run when the last step agrees. `by_approver`: in the name of who agreed last, else of who asked.

    `watch`: the things of which the company chooses which need approval, with the choice of a new company in `watched`.
    `enabled`, `steps`: the flow of a company that has not drawn its own. `refused`: what else follows from a refusal.
    `moved`: called whenever a document is in another state, for one that shows where its approval is.
    """

    name: str
    label: Label
    subject: type[Record]
    command: str
    facts: Mapping[str, Fact]
    steps: Sequence[Step]
    enabled: bool = True
    by_approver: bool = False
    watch: Callable[[], Mapping[str, Label]] | None = None
    watched: Sequence[str] = ()
    refused: "Callable[[Context, Approval, str], None] | None" = None
    moved: "Callable[[Context, Approval], None] | None" = None


_kinds: dict[str, Kind] = {}
_asking: dict[str, notices.Kind] = {}
_TEXT = L("{requester}请您审批：{title}", "{requester}請您審批：{title}", "{requester} asks you to decide: {title}")


def approvable(kind: Kind) -> Kind:
    """Declares a kind of document."""
    if kind.name in _kinds:
        raise RuntimeError(f"the kind {kind.name} is declared twice")
    _kinds[kind.name] = kind
    KINDS[kind.name] = kind.label
    zh_cn, zh_tw, en = kind.label
    label = L(f"{zh_cn}审批提醒", f"{zh_tw}審批提醒", f"To decide: {en[:1].lower()}{en[1:]}")
    _asking[kind.name] = notices.kind(f"approval.asked.{kind.name}", label, _TEXT)
    return kind


def asking(name: str) -> notices.Kind:
    """What those are told who are asked to decide on such a document."""
    return _asking[name]


def kinds() -> list[Kind]:
    return [_kinds[name] for name in sorted(_kinds)]


def kind_named(name: str) -> Kind | None:
    return _kinds.get(name)
