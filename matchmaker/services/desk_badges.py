"""Badges: a signed address that a telephone's camera opens at the door, and a number to type."""

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from matchmaker.errors import NotFound
from matchmaker.settings import Settings
from matchmaker.store.tables import Invitation

_SALT = "badge"


def badge_address(settings: Settings, invitation_id: int) -> str:
    """Return the address behind a badge's QR code; only somebody of the desk can open it."""
    return f"{settings.public_url}/d/{_signer(settings).dumps(invitation_id)}"


def badge_number(invitation_id: int) -> str:
    """Return the number on a badge, for typing when no camera is at hand."""
    return f"{invitation_id:04d}"


def invitation_of_badge(session: Session, settings: Settings, token: str) -> Invitation:
    """Return whose badge a token is. Raises NotFound for a forged one."""
    try:
        key = _signer(settings).loads(token)
    except BadSignature as error:
        raise NotFound("这张胸牌的二维码认不出来，请按姓名或胸牌号查找。") from error
    row = session.get(Invitation, key) if isinstance(key, int) else None
    if row is None:
        raise NotFound("这张胸牌对应的邀请已经不在了，请按姓名查找。")
    return row


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=_SALT)
