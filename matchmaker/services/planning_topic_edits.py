"""Topics as the organiser wants them: renamed at once; merged or split, and the needs grouped anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from matchmaker.domain.permissions import Actor
from matchmaker.domain.plan_settings import settings_from_json
from matchmaker.domain.plan_state import STANDING, PlanMode
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, WrongState
from matchmaker.services.planning import ask_for_plan, plan_of
from matchmaker.services.planning_topics import Topic, topic_from_json, topic_to_json
from matchmaker.store.queries.plans import plan_events
from matchmaker.store.tables import Plan

_LONGEST_NAME = 60


def rename_topics(session: Session, actor: Actor, *, plan_id: int, names: Mapping[str, str]) -> int:
    """Give topics other names, also in the titles of their events; return how many changed.

    Raises InvalidInput, WrongState for a plan that does not stand.
    """
    plan = _standing(session, actor, plan_id)
    topics = _topics(plan)
    changed = {
        topic.key: names[topic.key].strip()
        for topic in topics
        if topic.key in names and names[topic.key].strip() != topic.name
    }
    if any(not 1 <= len(name) <= _LONGEST_NAME for name in changed.values()):
        message = f"专题名称请写 1 到 {_LONGEST_NAME} 个字。"
        raise InvalidInput([Problem(field="name", code="length", message=message)])
    before = {topic.key: topic.name for topic in topics}
    renamed = [replace(topic, name=changed.get(topic.key, topic.name)) for topic in topics]
    plan.topics = [topic_to_json(topic) for topic in renamed]
    for row in plan_events(session, plan.id):
        if row.topic in changed:
            row.title = row.title.replace(before[row.topic], changed[row.topic], 1)[:120]
    return len(changed)


def merge_topics(session: Session, actor: Actor, *, plan_id: int, keys: Sequence[str]) -> Plan:
    """Ask for a version in which these topics are one, named after the first, of the theme of most needs."""
    plan = _standing(session, actor, plan_id)
    topics = _topics(plan)
    chosen = [topic for topic in topics if topic.key in set(keys)]
    if len(chosen) < 2:
        message = "请勾选至少两个要合并的专题。"
        raise InvalidInput([Problem(field="keys", code="few", message=message)])
    first = chosen[0]
    merged = replace(
        first,
        theme_id=_theme_of_most(chosen),
        words=tuple(dict.fromkeys(word for topic in chosen for word in topic.words))[:5],
        need_ids=tuple(sorted(need_id for topic in chosen for need_id in topic.need_ids)),
    )
    rest = [merged if topic is first else topic for topic in topics if topic is first or topic not in chosen]
    note = "合并专题：" + "、".join(topic.name for topic in chosen)
    return _again(session, actor, plan, topics=rest, note=note)


def _theme_of_most(topics: Sequence[Topic]) -> int | None:
    """Return the theme that most needs of these topics have; of equal ones the first."""
    sizes: dict[int | None, int] = defaultdict(int)
    for topic in topics:
        sizes[topic.theme_id] += len(topic.need_ids)
    return max(sizes, key=lambda theme_id: sizes[theme_id])


def split_topics(session: Session, actor: Actor, *, plan_id: int, keys: Sequence[str]) -> Plan:
    """Ask for a version in which each of these topics is two, by the meaning of its needs."""
    plan = _standing(session, actor, plan_id)
    topics = _topics(plan)
    chosen = [topic for topic in topics if topic.key in set(keys) and len(topic.need_ids) > 1]
    if not chosen:
        message = "请勾选至少一个有两条以上需求的专题。"
        raise InvalidInput([Problem(field="keys", code="few", message=message)])
    note = "拆分专题：" + "、".join(topic.name for topic in chosen)
    split = frozenset(topic.key for topic in chosen)
    return _again(session, actor, plan, topics=topics, split=split, note=note)


def _standing(session: Session, actor: Actor, plan_id: int) -> Plan:
    plan = plan_of(session, actor, plan_id)
    if plan.status not in STANDING:
        raise WrongState("这一版规划没有采用或已被替换，不能再改。")
    return plan


def _topics(plan: Plan) -> list[Topic]:
    return [topic_from_json(told) for told in plan.topics]


def _again(
    session: Session,
    actor: Actor,
    plan: Plan,
    *,
    topics: Sequence[Topic],
    split: frozenset[str] = frozenset(),
    note: str,
) -> Plan:
    return ask_for_plan(
        session,
        actor,
        settings_from_json(plan.settings),
        mode=PlanMode.GROUPS,
        base_id=plan.id,
        topics=topics,
        split=split,
        note=note,
    )
