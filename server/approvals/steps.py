"""The steps of a flow as data, their conditions, and what is wrong with them."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from server.records.errors import Rejected, error_texts
from server.records.fields import L

if TYPE_CHECKING:
    from server.approvals.kinds import Fact

error_texts(
    {
        "flow_step": L(
            "第 {step} 步：{problem}", "第 {step} 步：{problem}", "Step {step}: {problem}"
        ),
        "flow_empty": L(
            "至少要有一个步骤；不需要审批请关闭", "至少要有一個步驟；不需要審批請關閉", "There must be a step; switch the flow off where none is needed"
        ),
    }
)  # fmt: skip

Who = Literal["role", "superior", "department_head", "person"]
Op = Literal["ge", "gt", "le", "lt", "in", "not_in"]
#: What may be asked of a fact, by its kind.
OPS: dict[str, tuple[Op, ...]] = {
    "number": ("ge", "gt", "le", "lt"),
    "money": ("ge", "gt", "le", "lt"),
    "choice": ("in", "not_in"),
    "ref": ("in", "not_in"),
    "fields": ("in", "not_in"),
}
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]


class Condition(msgspec.Struct, forbid_unknown_fields=True):
    """`value`: a number as a string, or a list of choices. For "fields", `in` means that one of them is among them."""

    fact: Annotated[str, msgspec.Meta(max_length=60)]
    op: Op
    value: str | Annotated[list[str], msgspec.Meta(max_length=100)]


class Step(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`level`: how far up: 1 is the direct superior, or the requester's own department. All conditions in `when` must
    hold for the step to apply. `desk_only`: not from a phone's outbox (SY-13)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    who: Who
    role_id: Id | None = None
    employee_ids: Annotated[list[Id], msgspec.Meta(max_length=50)] = []
    level: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    need: Literal["any", "all"] = "any"
    when: Annotated[list[Condition], msgspec.Meta(max_length=10)] = []
    desk_only: bool = False


MOST_STEPS = 20
_NAMED = L("请选择人员", "請選擇人員", "choose who")
_ROLE = L("请选择角色", "請選擇角色", "choose a role")
_CONDITION = L("条件不完整", "條件不完整", "a condition is incomplete")


def check_steps(steps: list[Step], facts: "Mapping[str, Fact]") -> None:
    """Raises `Rejected` flow_step with the number of the first step that cannot work."""
    if not steps:
        raise Rejected("flow_empty", field="steps")
    for number, step in enumerate(steps, 1):
        problem = None
        if step.who == "role" and step.role_id is None:
            problem = _ROLE
        elif step.who == "person" and not step.employee_ids:
            problem = _NAMED
        elif not all(_is_sound(condition, facts) for condition in step.when):
            problem = _CONDITION
        if problem is not None:
            raise Rejected("flow_step", field=f"steps[{number - 1}]", step=number, problem=problem)


def _is_sound(condition: Condition, facts: "Mapping[str, Fact]") -> bool:
    fact = facts.get(condition.fact)
    if fact is None or condition.op not in OPS[fact.kind]:
        return False
    if fact.kind in ("number", "money"):
        return isinstance(condition.value, str) and _number(condition.value) is not None
    if not isinstance(condition.value, list) or not condition.value:
        return False
    return not fact.choices or set(condition.value) <= fact.choices.keys()


def applies(step: Step, facts: Mapping[str, Any]) -> bool:
    return all(_holds(condition, facts.get(condition.fact)) for condition in step.when)


def _holds(condition: Condition, value: Any) -> bool:
    """Nothing is neither above nor below, and among no choices."""
    if isinstance(condition.value, list):
        among = value if isinstance(value, list) else [value]
        found = any(item in condition.value for item in among)
        return found if condition.op == "in" else not found
    here, there = _number(value), _number(condition.value)
    if here is None or there is None:
        return False
    return {"ge": here >= there, "gt": here > there, "le": here <= there, "lt": here < there}[condition.op]


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool | list):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
