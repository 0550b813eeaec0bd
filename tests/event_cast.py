"""An event with a small table: needs, achievements, matches between them, for tests about pairing."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from factories import People, make_achievement, make_need, make_person
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.states import EventState, Grade, MatchState, NeedState
from matchmaker.store.tables import (
    AchievementPerson,
    Campaign,
    Event,
    EventItem,
    Match,
    PairingList,
    Theme,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Ids of an event with two enterprises, two experts and three usable matches."""

    event: int
    huaxing_need: int
    yuanhang_need: int
    coating: int  # of 沈知行, 江大
    casting: int  # of 海院, without a person
    strong: int  # 华星 × coating
    weak: int  # 华星 × casting
    fair: int  # 远航 × coating
    expert: int


def make_event(session: Session, **changes: Any) -> Event:
    """Add an open event ten days ahead, or what `changes` say."""
    day: date = changes.pop("held_on", clock.today() + timedelta(days=10))
    campaign = Campaign(
        name="百日百场", starts_on=day, ends_on=day + timedelta(days=99), created_at=clock.now()
    )
    session.add(campaign)
    session.flush()
    values: dict[str, Any] = {
        "campaign_id": campaign.id,
        "title": "模具产业专场对接会",
        "status": EventState.OPEN,
        "held_on": day,
        "starts_at": clock.from_local(day, 14),
        "venue": "会展中心",
        "town": "临江街道",
        "tables": 2,
        "slots": 3,
        "slot_minutes": 20,
        "per_enterprise": 2,
        "per_expert": 2,
        "created_at": clock.now(),
    }
    event = Event(**(values | changes))
    session.add(event)
    session.flush()
    return event


def make_list(session: Session, event_id: int, **changes: Any) -> PairingList:
    """Add the first version of an event's pairing list, still without pairings."""
    given = {"number": 1, "settings": {}, "result": {}, "created_at": clock.now()} | changes
    row = PairingList(event_id=event_id, **given)
    session.add(row)
    session.flush()
    return row


def make_match(session: Session, need_id: int, achievement_id: int, score: float, grade: Grade) -> Match:
    """Add a current match."""
    row = Match(
        need_id=need_id,
        achievement_id=achievement_id,
        score=score,
        grade=grade,
        parts={},
        reasons=[
            {"kind": "quote", "tone": "ok", "text": "两份文本都谈到“涂层”", "quotes": [["需求", "涂层"]]},
            {"kind": "signal", "tone": "ok", "text": "技术领域一致：新材料", "quotes": []},
        ],
        status=MatchState.PROPOSED,
        need_version=1,
        achievement_version=1,
        engine="test",
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def make_cast(session: Session, people: People, **changes: Any) -> Cast:
    """Add the event, what is on its table, and the matches."""
    event = make_event(session, **changes)
    yuanhang_contact = make_person(session, organisation_id=people.yuanhang, name="何适")
    common = {"status": NeedState.PUBLISHED, "accepted_at": clock.now(), "field_text": "模具"}
    huaxing = make_need(
        session,
        organisation_id=people.huaxing,
        contact_id=people.huaxing_contact,
        title="压铸模具涂层",
        **common,
    )
    yuanhang = make_need(
        session,
        organisation_id=people.yuanhang,
        contact_id=yuanhang_contact.id,
        title="汽配表面处理",
        public_title="金属表面处理",
        public_text="某企业需要表面处理。",
        **common,
    )
    coating = make_achievement(session, organisation_id=people.jiangda_college)
    session.add(AchievementPerson(achievement_id=coating.id, person_id=people.jiangda_expert, place=1))
    casting = make_achievement(session, organisation_id=people.haiyuan, title="真空压铸工艺")
    for kind, row in (
        ("need", huaxing),
        ("need", yuanhang),
        ("achievement", coating),
        ("achievement", casting),
    ):
        session.add(EventItem(event_id=event.id, subject_kind=kind, subject_id=row.id))
    session.flush()
    return Cast(
        event=event.id,
        huaxing_need=huaxing.id,
        yuanhang_need=yuanhang.id,
        coating=coating.id,
        casting=casting.id,
        strong=make_match(session, huaxing.id, coating.id, 0.9, Grade.STRONG).id,
        weak=make_match(session, huaxing.id, casting.id, 0.3, Grade.FAIR).id,
        fair=make_match(session, yuanhang.id, coating.id, 0.6, Grade.FAIR).id,
        expert=people.jiangda_expert,
    )


def make_theme(session: Session) -> Theme:
    """Add the theme of moulds."""
    row = Theme(
        slug="mold", name="模具", fields=["804"], industries=["3525"], words=["模具", "压铸模"], place=1
    )
    session.add(row)
    session.flush()
    return row
