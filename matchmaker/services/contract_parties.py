"""On which side of its contracts the unit stands whose list is uploaded."""

from sqlalchemy.orm import Session

from matchmaker.domain.states import OrganisationKind
from matchmaker.store.tables import Organisation, Upload

_SELLING = frozenset(
    {
        OrganisationKind.UNIVERSITY,
        OrganisationKind.COLLEGE,
        OrganisationKind.INSTITUTE,
        OrganisationKind.TRANSFER_CENTRE,
    }
)


def own_side(session: Session, upload: Upload) -> dict[str, str]:
    """Return on which side the unit stands that an upload is for: its own list leaves its name out."""
    own = session.get(Organisation, upload.organisation_id) if upload.organisation_id else None
    if own is None or own.kind not in _SELLING | {OrganisationKind.ENTERPRISE}:
        return {}
    return {"seller" if own.kind in _SELLING else "buyer": own.name}
