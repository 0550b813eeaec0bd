"""Rescues what dead processes left, and prunes what is no longer needed."""

from datetime import timedelta

from sqlalchemy import delete

from matchmaker import clock
from matchmaker.bus import outbox
from matchmaker.services import notices
from matchmaker.services.forgetting import forget_old_contacts
from matchmaker.services.list_jobs import prune_exports
from matchmaker.services.uploads import expire_uploads
from matchmaker.settings import Settings
from matchmaker.store.engine import Database
from matchmaker.store.tables import SignInAttempt, Token, WebSession

_DELIVERY_DAYS = 30


def rescue(database: Database, settings: Settings) -> None:
    """Give back deliveries and notices whose worker is gone."""
    limit = timedelta(minutes=settings.jobs.claim_minutes)
    with database.writing() as session:
        outbox.rescue(session, claimed_before=clock.now() - limit)
        notices.rescue(session, older_than=limit)


def prune(database: Database, settings: Settings) -> None:
    """Forget old sessions, tokens, finished deliveries, previews, files of old imports, and contacts."""
    moment = clock.now()
    hours = timedelta(hours=settings.web.session_hours)
    with database.writing() as session:
        session.execute(delete(WebSession).where(WebSession.created_at < moment - hours))
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < moment - timedelta(days=1)))
        session.execute(delete(Token).where(Token.expires_at < moment - timedelta(days=1)))
        outbox.prune(session, done_before=moment - timedelta(days=_DELIVERY_DAYS))
        expire_uploads(session, keep_days=settings.retention.upload_days)
        prune_exports(session)
    forget_old_contacts(database, months=settings.retention.contact_months)
