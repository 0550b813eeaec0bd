"""Makes the sample's accounts, with passwords of this installation alone."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import wording
from matchmaker.demo.rows import Book
from matchmaker.domain.states import ApprovalState
from matchmaker.domain.states import Role as RoleName
from matchmaker.settings import Settings
from matchmaker.store.tables import Organisation, Person, Role, User


def load_accounts(session: Session, book: Book) -> dict[str, str]:
    """Return login → password of one account per role."""
    wanted = (
        ("organiser@demo.example", RoleName.ORGANISER, _first(book, "organiser")),
        ("admin@demo.example", RoleName.ADMIN, None),
        ("enterprise@demo.example", RoleName.ENTERPRISE, _first(book, "enterprise")),
        ("university@demo.example", RoleName.UNIVERSITY, _first(book, "expert")),
    )
    return {login: _account(session, book, login, role, person) for login, role, person in wanted}


def _first(book: Book, role: str) -> str:
    return next(key for key, found in book.roles.items() if found == role)


def _account(session: Session, book: Book, login: str, role: RoleName, person_key: str | None) -> str:
    from argon2 import PasswordHasher

    password = secrets.token_urlsafe(9)
    person = session.get(Person, book.people[person_key]) if person_key else None
    organisation_id = person.organisation_id if person else book.organisations["bureau"]
    if role is RoleName.UNIVERSITY and organisation_id is not None:
        organisation_id = session.get_one(Organisation, organisation_id).parent_id or organisation_id
    user = User(
        email=login,
        name=person.name if person else "系统管理员",
        password=PasswordHasher().hash(password),
        fs_uniquifier=secrets.token_hex(32),
        status=ApprovalState.APPROVED,
        organisation_id=organisation_id,
        person_id=person.id if person else None,
        created_at=book.moment(-90),
        approved_at=book.moment(-90),
    )
    user.roles = [_role(session, role)]
    session.add(user)
    session.flush()
    return password


def _role(session: Session, name: RoleName) -> Role:
    row = session.scalar(select(Role).where(Role.name == name.value))
    if row is None:
        row = Role(name=name.value, description=wording.label("role", name.value))
        session.add(row)
    return row


def keep_passwords(settings: Settings, passwords: dict[str, str]) -> None:
    """Write the passwords into a file beside the sample's database, for its owner alone."""
    place = settings.home / "accounts.txt"
    lines = [f"{login}\t{password}\n" for login, password in passwords.items()]
    place.write_text("".join(lines), encoding="utf-8")
    place.chmod(0o600)
