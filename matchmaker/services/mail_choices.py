"""Which mails a person has turned off: kept, and obeyed when a notice is planned."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.mail_choices import OPTIONAL, group_of, groups_for, known_keys
from matchmaker.domain.permissions import Actor
from matchmaker.domain.states import NoticeState
from matchmaker.errors import NotAllowed
from matchmaker.store.tables import MailOff, Notice

_NOT_YET_SENT = (NoticeState.NEW, NoticeState.RETRY, NoticeState.UNKNOWN)


def turned_off(session: Session, user_id: int) -> frozenset[str]:
    """Return the keys of the groups that an account has no mails of."""
    return frozenset(session.scalars(select(MailOff.mail_group).where(MailOff.user_id == user_id)))


def wants_mail(session: Session, *, user_id: int | None, kind: str) -> bool:
    """Say whether a notice of this kind goes to a person by mail; who has no account cannot turn it off."""
    group = group_of(kind)
    if group is None or user_id is None:
        return True
    return session.get(MailOff, (user_id, group.key)) is None


def choose_mails(session: Session, actor: Actor, *, wanted: Iterable[str]) -> None:
    """Keep which groups the actor wants mails of; what waits to be sent of the others is not sent any more.

    A group that the actor is not shown stays as it was.
    """
    if actor.user_id is None:
        raise NotAllowed()
    shown = {group.key for group in groups_for(actor)}
    off = shown - known_keys(wanted)
    session.execute(delete(MailOff).where(MailOff.user_id == actor.user_id, MailOff.mail_group.in_(shown)))
    session.add_all(MailOff(user_id=actor.user_id, mail_group=key) for key in sorted(off))
    kinds = [kind for group in OPTIONAL if group.key in off for kind in group.kinds]
    session.execute(
        delete(Notice).where(
            Notice.user_id == actor.user_id,
            Notice.channel == "mail",
            Notice.kind.in_(kinds),
            Notice.state.in_(_NOT_YET_SENT),
        )
    )
    session.flush()  # the page reads them back
