"""What a new database starts with: the themes of the county and the first campaign."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import clock, resources
from matchmaker.store.tables import Campaign, Theme

CAMPAIGN_DAYS = 100


def seed_themes(session: Session) -> int:
    """Add the themes of config/themes.json that are not there yet; return how many were added.

    Existing ones keep what the bureau made of them.
    """
    known = set(session.scalars(select(Theme.slug)))
    place = len(known)
    for entry in resources.config_json("themes")["themes"]:
        if entry["id"] in known:
            continue
        place += 1
        session.add(
            Theme(
                slug=entry["id"],
                name=entry["zh"],
                fields=list(entry["hightech"]),
                industries=list(entry["gb4754"]),
                words=list(entry["words"]),
                place=place,
            )
        )
    session.flush()  # callers look the themes up by slug
    return place - len(known)


def seed_campaign(session: Session, *, name: str) -> Campaign:
    """Return the newest campaign, made for the next hundred days if there is none."""
    campaign = session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(1)).first()
    if campaign is None:
        today = clock.today()
        campaign = Campaign(
            name=name,
            starts_on=today,
            ends_on=today + timedelta(days=CAMPAIGN_DAYS - 1),
            created_at=clock.now(),
        )
        session.add(campaign)
        session.flush()  # events hang on the id
    return campaign
