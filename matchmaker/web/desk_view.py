"""The desk as its pages show it: tables with now and next, people with where they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext as _

from matchmaker import clock
from matchmaker.domain.desk import StepKind, who_word
from matchmaker.domain.states import InvitationState, MeetingOutcome
from matchmaker.domain.timetable import Person
from matchmaker.services.desk import OFF, Desk, clock_words, guests_for
from matchmaker.services.desk_acts import person_of
from matchmaker.services.desk_badges import badge_number
from matchmaker.services.desk_spare import people_of
from matchmaker.store.queries.desk import DeskRow, GuestRow
from matchmaker.web.presentation import label
from nlp.pinyin import starts_with_initials

_LATE_AFTER_MINUTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Somebody at the desk. `state` is here, missing, late or absent; `who` goes into addresses."""

    who: str
    name: str
    home: str
    state: str
    words: str
    badge: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A meeting as the desk shows it; `state` is planned, due, running, done or unnoted."""

    pairing_id: int
    begins: str
    ends: str
    slot: int
    table: int | None
    firm: Face
    expert: Face
    need: str
    achievement: str
    state: str
    words: str
    seen: str

    @property
    def missing(self) -> list[Face]:
        """Who of the two is not here."""
        return [face for face in (self.firm, self.expert) if face.state != "here"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: what is going on, what comes next."""

    number: int
    closed: bool
    now: Talk | None
    coming: Talk | None
    unnoted: tuple[Talk, ...]

    @property
    def idle(self) -> bool:
        """Whether there is nothing to see at this table any more."""
        return not (self.now or self.coming or self.unnoted or self.closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures over the page."""

    here: int
    people: int
    running: int
    done: int
    meetings: int
    absent: int


class Hall:
    """Everything the pages ask about a desk, worked out once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @cached_property
    def faces(self) -> dict[Person, Face]:
        """Everybody with a meeting on the list."""
        people = dict.fromkeys(
            person for row in self.desk.rows if row.status not in OFF for person in people_of(row)
        )
        return {person: self._face(person) for person in people}

    def _face(self, person: Person) -> Face:
        rows = guests_for(self.desk, person)
        state, words = self._state(person, rows)
        row = next(row for row in self.desk.rows if person in people_of(row))
        firm = person == people_of(row)[0]
        badges = "、".join(badge_number(one.invitation_id) for one in rows)
        return Face(
            who=who_word(person),
            name=row.enterprise if firm else f"{row.expert_name} {row.expert_title}".strip(),
            home="、".join(one.person for one in rows if one.person) or row.contact if firm else row.home,
            state=state,
            words=words,
            badge=badges,
            role=_("企业") if firm else _("专家"),
        )

    def _state(self, person: Person, rows: list[GuestRow]) -> tuple[str, str]:
        slot, away = max(0, self.desk.slot), self.desk.truth.away.get(person, frozenset())
        ahead = {one for one in away if one >= slot}
        if ahead and self.desk.slot_count - 1 in ahead:
            return "absent", _("缺席")
        if ahead:
            return "late", _("约 %(at)s 到", at=clock_words(self.desk.event, max(ahead) + 1))
        if any(one.status is InvitationState.CHECKED_IN for one in rows):
            return "here", _("已到")
        if rows and all(one.status is InvitationState.DECLINED for one in rows):
            return "absent", _("已婉拒")
        if rows and all(one.status in (InvitationState.DECLINED, InvitationState.ABSENT) for one in rows):
            return "absent", _("缺席")
        return "missing", _("还没到")

    @cached_property
    def others(self) -> list[Face]:
        """Guests without a meeting: officials, media, those not paired."""
        return [
            Face(
                who=f"guest-{one.invitation_id}",
                name=one.person or one.organisation,
                home=one.organisation if one.person else "",
                state="here" if one.status is InvitationState.CHECKED_IN else "missing",
                words=_("已到") if one.status is InvitationState.CHECKED_IN else _("还没到"),
                badge=badge_number(one.invitation_id),
                role=label("attendee_role", one.role),
            )
            for one in self.desk.guests
            if person_of(self.desk, one) is None
        ]

    @cached_property
    def everybody(self) -> list[Face]:
        """All faces: the missing first, then by name."""
        order = {"missing": 0, "late": 1, "absent": 2, "here": 3}
        return sorted(
            (*self.faces.values(), *self.others), key=lambda face: (order[face.state], face.role, face.name)
        )

    def found(self, words: str) -> list[Face]:
        """Return the faces that a name, its pinyin initials or a badge number finds."""
        words = words.strip()
        return [face for face in self.everybody if _is_meant(face, words)]

    @cached_property
    def talks(self) -> list[Talk]:
        """The meetings that hold, by slot and table."""
        return [self._talk(row) for row in self.desk.rows if row.slot is not None and row.status not in OFF]

    def _talk(self, row: DeskRow) -> Talk:
        slot = (row.slot or 1) - 1
        state, words = self._talk_state(row, slot)
        firm, expert = people_of(row)
        return Talk(
            pairing_id=row.pairing_id,
            begins=clock_words(self.desk.event, slot),
            ends=clock_words(self.desk.event, slot + 1),
            slot=slot,
            table=row.table,
            firm=self.faces[firm],
            expert=self.faces[expert],
            need=row.need,
            achievement=row.achievement,
            state=state,
            words=words,
            seen=f"{row.slot}-{row.table}",
        )

    def _talk_state(self, row: DeskRow, slot: int) -> tuple[str, str]:
        if row.outcome is not None:
            return "done", label("meeting_outcome", row.outcome)
        if row.pairing_id in self.desk.truth.ended:
            return "done", _("已结束")
        if row.pairing_id in self.desk.truth.started:
            return "running", _("洽谈中")
        if slot > self.desk.slot:
            return "planned", _("待开始")
        if slot < self.desk.slot:
            return "unnoted", _("没有记录")
        late = self.minutes_into_slot
        return "due", _("该开始") if late < _LATE_AFTER_MINUTES else _("晚了 %(n)s 分钟", n=late)

    @property
    def minutes_into_slot(self) -> int:
        """How many minutes of the running slot are over."""
        event, slot = self.desk.event, self.desk.slot
        into = (self.desk.now - event.starts_at).total_seconds() / 60 - slot * event.slot_minutes
        return int(into)

    @cached_property
    def tables(self) -> list[Table]:
        """Every table with what is now and next."""
        slot = self.desk.slot
        return [
            Table(
                number=number,
                closed=(number, max(0, slot)) in self.desk.truth.closed,
                now=next((one for one in own if _is_now(one, slot)), None),
                coming=next((one for one in own if one.slot > slot and one.state == "planned"), None),
                unnoted=tuple(one for one in own if one.state == "unnoted"),
            )
            for number in self.desk.tables
            for own in [self._at(number)]
        ]

    def _at(self, number: int) -> list[Talk]:
        own = [one for one in self.talks if one.table == number]
        return sorted(own, key=lambda one: (one.state != "running", one.slot))

    @cached_property
    def waited_for(self) -> list[tuple[Face, Talk]]:
        """Who is not here though a meeting runs now or comes next, the soonest first."""
        soon: dict[str, tuple[Face, Talk]] = {}
        for talk in self.talks:
            if talk.state in ("due", "planned") and talk.slot in (self.desk.slot, max(0, self.desk.slot + 1)):
                for face in talk.missing:
                    if face.state != "absent":
                        soon.setdefault(face.who, (face, talk))
        return sorted(soon.values(), key=lambda entry: (entry[1].slot, entry[0].state, entry[0].name))

    @cached_property
    def counts(self) -> Counts:
        """The figures over the page."""
        faces = list(self.faces.values())
        done = sum(
            row.outcome not in (None, MeetingOutcome.NO_SHOW) or row.pairing_id in self.desk.truth.ended
            for row in self.desk.rows
        )
        return Counts(
            here=sum(face.state == "here" for face in (*faces, *self.others)),
            people=len(faces) + len(self.others),
            running=sum(talk.state == "running" for talk in self.talks),
            done=done,
            meetings=len(self.talks),
            absent=sum(face.state == "absent" for face in faces),
        )

    def talks_of(self, face: Face) -> list[Talk]:
        """Return one person's meetings."""
        return [one for one in self.talks if face.who in (one.firm.who, one.expert.who)]

    def log(self) -> Iterable[tuple[int, str, str, str, bool]]:
        """Yield (number, when, what, who, whether it was taken back) of the steps, the newest first."""
        for step in reversed(self.desk.steps):
            at = f"{clock.local(step.at):%H:%M:%S}"
            taken = step.undone_by is not None or step.kind is StepKind.UNDONE
            yield step.number, at, step.words, step.user_name, taken


def _is_now(talk: Talk, slot: int) -> bool:
    return talk.state == "running" or (talk.slot == slot and talk.state != "done")


def _is_meant(face: Face, words: str) -> bool:
    if words.isdecimal():
        return words.lstrip("0") in {badge.lstrip("0") for badge in face.badge.split("、")}
    names = [face.name, *face.home.split("、")]
    if words.isascii() and words.isalnum():
        return any(starts_with_initials(name, words) for name in names)
    return any(words in name for name in names)
