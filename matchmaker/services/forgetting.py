"""What is kept about a person goes: on request, and by itself when the time in the notice is over.

Rows that are counted stay without name and contact. The texts of their firm's needs, questions, answers
and the log of changes name people too, and so do those of `forgetting_places`: there the name, the telephone
number and the address of the one who goes are taken out wherever they stand.
"""

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, or_, select, update
from sqlalchemy.orm import Session

from matchmaker import clock
from matchmaker.domain.export_state import AT_WORK, ExportState
from matchmaker.domain.permissions import Actor
from matchmaker.domain.problems import Problem
from matchmaker.errors import InvalidInput, NotAllowed, NotFound, WrongState
from matchmaker.services.forgetting_places import (
    Naming,
    achievements_by,
    contacts_among,
    rows_naming,
    titles_naming,
    without_author,
)
from matchmaker.store.engine import Database
from matchmaker.store.queries.people import last_campaign_day, no_longer_needed
from matchmaker.store.queries.uploads import chunks
from matchmaker.store.tables import (
    Achievement,
    AchievementPerson,
    AnswerLink,
    ListExport,
    ListExportFile,
    Merge,
    Need,
    NeedChange,
    NeedEnquiry,
    Notice,
    Person,
    StateChange,
    UploadBatch,
    UploadRow,
    User,
)

FORGOTTEN = "（已删除）"
_NEED_TEXTS = ("problem", "key_points", "goal", "background", "conditions", "wished_partner", "public_text")
# lengths of columns: what stands in for a short name is longer than it
_MOST_PARTNER, _MOST_AUTHORS = 200, 500
_DAYS_A_MONTH = 30.44
_SHORT_NAME = 2
# 高强 is a name and begins 高强度: two letters count as a name only beside one of these
_ASKED_FOR = r"(?<=找)|(?<=请)|(?<=问)|(?<=联系)|(?<=联系人)"
_ADDRESSED = (
    r"(?![一-鿿])|(?=先生|女士|小姐|老师|同志|经理|总|工程师|主任|主管|厂长|所长|教授|博士|的电话|的手机|说)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Where a person is named: rows of lists by a number or address, other rows by any word.

    `titles` are names of needs and achievements that hold the person's: these stay.
    """

    listed: Collection[int] = ()
    elsewhere: Collection[Naming] = ()
    titles: Collection[str] = ()


def forget_everywhere(database: Database, actor: Actor, *, person_id: int, reason: str) -> Named:
    """Delete a person as `forget_person` does, with the searches that come before and after it.

    The second search finds what somebody wrote while the first one went through all rows. Returns what
    the first one found. Raises what `forget_person` raises.
    """
    with database.reading() as session:
        person = session.get(Person, person_id)
        words = _words_of(session, person) if person else []
        named = where_named(session, person_id=person_id)
    with database.writing() as session:
        forget_person(session, actor, person_id=person_id, reason=reason, named=named)
    _take_out_late(database, person_id, words)
    return named


def where_named(session: Session, *, person_id: int) -> Named:
    """Return where a person is named. Slow, for it goes through all rows: ask while others may write."""
    person = session.get(Person, person_id)
    return _find(session, person, _words_of(session, person)) if person else Named()


def forget_person(session: Session, actor: Actor, *, person_id: int, reason: str, named: Named) -> None:
    """Take a person's name and contact out of everything that is kept; an account of theirs ends.

    `named` is what `where_named` found before the transaction. What was counted stays counted. Raises
    NotAllowed, NotFound, InvalidInput without a reason, and WrongState for the organiser's own account.
    """
    if not actor.organises:
        raise NotAllowed()
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound()
    if not reason.strip():
        message = "请写明依据，如“本人 3 月 2 日来函要求删除”。"
        raise InvalidInput([Problem(field="reason", code="missing", message=message)])
    if actor.person_id == person.id:
        raise WrongState("不能删除自己的信息：请另一位经办人来做。")
    words = _words_of(session, person)
    _forget_names(session, person)
    _take_out(session, person, words, found=named)
    _take_out_authors(session, person)
    _end_accounts(session, person)
    session.execute(delete(AchievementPerson).where(AchievementPerson.person_id == person.id))
    person.name, person.role, person.title, person.position = FORGOTTEN, "contact", "", ""
    person.expertise, person.fields, person.source_note = "", [], ""
    _forget_contact(session, person)
    session.add(
        StateChange(
            subject_kind="person",
            subject_id=person.id,
            from_state="",
            to_state="forgotten",
            reason=reason.strip(),
            user_id=actor.user_id,
            at=clock.now(),
        )
    )


def forget_old_contacts(database: Database, *, months: int) -> int:
    """Delete the contacts of people who never took part, `months` after the last campaign ended.

    Returns how many people it were. Who has an account keeps it: they see to their data themselves.
    """
    with database.reading() as session:
        ended = last_campaign_day(session)
        if ended is None or ended + timedelta(days=months * _DAYS_A_MONTH) > clock.today():
            return 0
        old = clock.now() - timedelta(days=months * _DAYS_A_MONTH)
        people = select(Person.id).where(*no_longer_needed(old)).order_by(Person.id)
        found = list(session.scalars(people))
    return sum(_forget_old_contact(database, person_id, no_longer_needed(old)) for person_id in found)


def _forget_old_contact(
    database: Database, person_id: int, conditions: Collection[ColumnElement[bool]]
) -> bool:
    """Delete one person's contact; all rows of lists are gone through before anybody has to wait for it."""
    wanted = select(Person).where(Person.id == person_id, *conditions)
    with database.reading() as session:
        person = session.scalar(wanted)
        words = _words_of(session, person) if person else []
        found = _find(session, person, words) if person else Named()
    with database.writing() as session:
        person = session.scalar(wanted)
        if person is None:  # somebody needs the contact after all
            return False
        words = [word for word in _words_of(session, person) if word != person.name]
        _forget_names(session, person)
        _take_out(session, person, words, found=found)
        _forget_contact(session, person)
    _take_out_late(database, person_id, words)
    return True


def _take_out_late(database: Database, person_id: int, words: Collection[str]) -> None:
    """Take words out of what was written between the search and the transaction that it was made for."""
    with database.reading() as session:
        person = session.get_one(Person, person_id)
        listed, places = _rows_holding(session, words), rows_naming(session, person, words)
    late = [place for place in places if place.ids]
    if not listed and not late:
        return
    with database.writing() as session:
        _take_out_of_lists(session, listed, words)
        _take_out_elsewhere(session, late, words)


def correct_names(session: Session, *, person_id: int, name: str) -> None:
    """Write a corrected name where questions and changes say who answered."""
    session.execute(
        update(NeedEnquiry).where(NeedEnquiry.answered_by_id == person_id).values(answered_by=name[:60])
    )
    session.execute(update(NeedChange).where(NeedChange.person_id == person_id).values(who=name[:60]))


def end_links(session: Session, *, person_id: int) -> None:
    """Spend every open answer link of a person who no longer agrees to be asked."""
    mine = (AnswerLink.person_id == person_id, AnswerLink.used_at.is_(None))
    session.execute(update(AnswerLink).where(*mine).values(used_at=clock.now()))


def _words_of(session: Session, person: Person) -> list[str]:
    """Return what names a person in free text, the longest first; two letters alone name nobody."""
    accounts = session.scalars(select(User).where(User.person_id == person.id)).all()
    told = [person.name, *person.phone.split("、"), person.email]
    told += [word for user in accounts for word in (user.name, user.phone, user.email)]
    return sorted(
        {word.strip() for word in told if len(word.strip()) >= 2}, key=lambda word: (-len(word), word)
    )


def _own(person: Person) -> ColumnElement[bool]:
    """Return which needs may name a person: their firm's, and those they are the contact of."""
    return or_(Need.organisation_id == person.organisation_id, Need.contact_id == person.id)


def _forget_names(session: Session, person: Person) -> None:
    """Take the name off the answers that this person gave, by link, by telephone or in a list."""
    own_needs = select(Need.id).where(_own(person))
    named = (NeedEnquiry.answered_by == person.name) & NeedEnquiry.need_id.in_(own_needs)
    session.execute(
        update(NeedEnquiry)
        .where(or_(NeedEnquiry.answered_by_id == person.id, named))
        .values(answered_by=FORGOTTEN, answered_by_id=None)
        .execution_options(synchronize_session=False)
    )
    said = (NeedChange.who == person.name) & NeedChange.need_id.in_(own_needs)
    session.execute(
        update(NeedChange)
        .where(or_(NeedChange.person_id == person.id, said))
        .values(who=FORGOTTEN, person_id=None)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _find(session: Session, person: Person, words: Collection[str]) -> Named:
    return Named(
        listed=_rows_holding(session, words),
        elsewhere=rows_naming(session, person, words),
        titles=titles_naming(session, person),
    )


def _take_out(session: Session, person: Person, words: Collection[str], *, found: Named) -> None:
    """Take words out of the texts of a person's own needs, of notices to them, of merges and of lists."""
    needs = list(session.scalars(select(Need.id).where(_own(person))))
    for part in chunks(needs):
        for need in session.scalars(select(Need).where(Need.id.in_(part))):
            _take_out_of_need(need, words)
        for row in session.scalars(select(NeedEnquiry).where(NeedEnquiry.need_id.in_(part))):
            row.remark, row.answers = without(row.remark, words), without(row.answers, words)
            row.questions, row.proposal = without(row.questions, words), without(row.proposal, words)
        for change in session.scalars(select(NeedChange).where(NeedChange.need_id.in_(part))):
            change.fields = without(change.fields, words)
    to_them = or_(Notice.person_id == person.id, Notice.address.in_([word for word in words if "@" in word]))
    gone = {"address": "", "subject": FORGOTTEN, "body": "", "html": "", "calendar": None}
    session.execute(update(Notice).where(to_them).values(**gone))
    merged = or_(Merge.kept_id == person.id, Merge.gone_id == person.id)
    for merge in session.scalars(select(Merge).where(Merge.kind == "person", merged)):
        merge.kept_label, merge.gone_label = FORGOTTEN, FORGOTTEN
        merge.gone = merge.gone | {"name": FORGOTTEN, "phone": "", "email": "", "expertise": ""}
        merge.before, merge.after = without(merge.before, words), without(merge.after, words)
    _take_out_of_lists(session, found.listed, words)
    _take_out_elsewhere(session, found.elsewhere, words)


def _take_out_of_lists(session: Session, row_ids: Collection[int], words: Collection[str]) -> None:
    for part in chunks(row_ids):
        for row in session.scalars(select(UploadRow).where(UploadRow.id.in_(part))):
            row.values, row.changes = without(row.values, words), without(row.changes, words)


def _take_out_elsewhere(session: Session, places: Iterable[Naming], words: Collection[str]) -> None:
    """Take words out of claims, wishes, notes, results and all else that is typed about their meetings."""
    for place in places:
        for row, column, longest in place.texts(session):
            said = getattr(row, column)
            cleaned = without(said, words)
            if cleaned != said:
                setattr(row, column, cleaned[:longest] if longest else cleaned)
                if isinstance(row, Achievement):
                    row.text_version += 1


def _take_out_authors(session: Session, person: Person) -> None:
    """Take a name off the achievements it stands on; the achievements stay what they are."""
    for row in achievements_by(session, person):
        row.authors_text = without_author(row.authors_text, person.name, FORGOTTEN)[:_MOST_AUTHORS]


def _take_out_of_need(need: Need, words: Collection[str]) -> None:
    """Clean the texts of a need in which people write whom to ask; its title names what is wanted."""
    for field in _NEED_TEXTS:
        said = getattr(need, field)
        cleaned = without(said, words)
        if cleaned != said:
            setattr(need, field, cleaned if field != "wished_partner" else cleaned[:_MOST_PARTNER])


def _rows_holding(session: Session, words: Iterable[str]) -> list[int]:
    """Return the rows of lists with one of these numbers or addresses. Slow: reads all rows there are."""
    contacts = contacts_among(words)
    if not contacts:
        return []
    holding = or_(*(cast(UploadRow.values, String).contains(word, autoescape=True) for word in contacts))
    return list(session.scalars(select(UploadRow.id).where(holding).order_by(UploadRow.id)))


def without(found: Any, words: Iterable[str]) -> Any:
    """Return texts, or lists and mappings of texts, with these words taken out.

    A name of two letters stays where nothing says that it is one: it may be the beginning of a word.
    """
    if isinstance(found, str):
        for word in words:
            found = _pattern(word).sub(FORGOTTEN, found)
        return found
    if isinstance(found, dict):
        return {key: without(value, words) for key, value in found.items()}
    return [without(value, words) for value in found] if isinstance(found, list) else found


def _pattern(word: str) -> re.Pattern[str]:
    plain = re.escape(word)
    if len(word) > _SHORT_NAME or not re.fullmatch("[一-鿿]+", word):
        return re.compile(plain)
    return re.compile(f"^{plain}$|(?:{_ASKED_FOR}){plain}(?!度)|{plain}(?:{_ADDRESSED})")


def _end_accounts(session: Session, person: Person) -> None:
    for user in session.scalars(select(User).where(User.person_id == person.id)):
        user.name, user.phone, user.email = FORGOTTEN, "", f"deleted-{user.id}@invalid"
        user.active, user.password, user.fs_uniquifier = False, None, secrets.token_hex(32)


def _forget_contact(session: Session, person: Person) -> None:
    person.phone = person.email = ""
    end_links(session, person_id=person.id)
    _forget_learnt(session, person.id)
    _take_back_lists(session)
    session.flush()


def _forget_learnt(session: Session, person_id: int) -> None:
    """Forget which list had taught which number: an undo of it finds nothing to take away."""
    key = str(person_id)
    told = cast(UploadBatch.learnt, String).contains(f'"{key}"', autoescape=True)
    for batch in session.scalars(select(UploadBatch).where(told)):
        batch.learnt = {other: learnt for other, learnt in batch.learnt.items() if other != key}


def _take_back_lists(session: Session) -> None:
    """Throw away the lists that wait to be downloaded or are being made: any may name the person."""
    session.execute(delete(ListExportFile))
    unspent = ListExport.state.in_((*AT_WORK, ExportState.READY))
    session.execute(update(ListExport).where(unspent).values(state=ExportState.STOPPED))
