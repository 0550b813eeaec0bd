"""Rules for accounts: what a registration must say, what a password must not be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.domain.identifiers import clean_org_name, uscc_problem
from matchmaker.domain.problems import Problem
from matchmaker.domain.states import OrganisationKind, Role
from matchmaker.domain.values import parse_phones

REGISTERING_KINDS = (
    OrganisationKind.ENTERPRISE,
    OrganisationKind.UNIVERSITY,
    OrganisationKind.INSTITUTE,
    OrganisationKind.COLLEGE,
    OrganisationKind.TRANSFER_CENTRE,
)
_LONGEST_PASSWORD = 128
_SHORTEST_PASSWORD = 8
_EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,20}")

# the passwords of 8 and more characters that lists of leaked ones begin with, and the local favourites
_COMMON_WORDS = """
12345678 123456789 1234567890 12345678910 0123456789 11111111 111111111 00000000 000000000 88888888
66666666 99999999 22222222 12341234 11223344 87654321 987654321 123123123 112233445566 147258369
123654789 789456123 password password1 password123 passw0rd p@ssw0rd p@ssword admin123 admin888
admin1234 administrator root1234 qwertyui qwertyuiop qwerty123 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4
qwer1234 asdfghjk asdfghjkl asdf1234 zxcvbnm123 abcd1234 abc12345 abc123456 abcdefgh abcdefg1
a1234567 a12345678 a123456789 aa123456 aa12345678 qq123456 wang1234 woaini1314 woaini520 woaini521
5201314520 13145200 iloveyou iloveyou1 sunshine princess football baseball superman trustno1
welcome1 letmein1 dragon123 monkey123 changeme test1234 testtest 1234qwer 123qweasd qazwsxedc
zaq12wsx asd123456 zxc123456 qwe123456 computer internet whatever starwars
"""
_COMMONEST = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What somebody fills in to get an account; texts as typed, without surrounding spaces."""

    kind: str = ""
    organisation_name: str = ""
    parent_name: str = ""
    uscc: str = ""
    town: str = ""
    name: str = ""
    position: str = ""
    phone: str = ""
    email: str = ""
    agrees: bool = False
    shares_contact: bool = False

    @property
    def role(self) -> Role:
        """The role that goes with the kind of organisation."""
        return Role.ENTERPRISE if self.kind == OrganisationKind.ENTERPRISE else Role.UNIVERSITY

    @property
    def has_parent(self) -> bool:
        """Whether the organisation is a part of a university."""
        return self.kind in (OrganisationKind.COLLEGE, OrganisationKind.TRANSFER_CENTRE)


def check_registration(draft: Registration) -> list[Problem]:
    """Return everything that keeps a registration from being handed in, in the order of the form."""
    found = [
        _missing(draft.kind in REGISTERING_KINDS, "kind", "请选择单位类型。"),
        _missing(len(clean_org_name(draft.organisation_name)) >= 2, "organisation_name", "请填写单位全称。"),
        _missing(
            not draft.has_parent or len(clean_org_name(draft.parent_name)) >= 2,
            "parent_name",
            "学院和技术转移中心请填写所属高校的全称。",
        ),
        check_uscc(draft.uscc, required=draft.kind == OrganisationKind.ENTERPRISE),
        *check_contact(name=draft.name, phone=draft.phone, email=draft.email, email_required=True),
        _missing(draft.agrees, "agrees", "请阅读告知书并勾选同意，否则主办方无法为您办理。"),
    ]
    return [problem for problem in found if problem is not None]


def check_uscc(uscc: str, *, required: bool) -> Problem | None:
    """Return what is wrong with a code typed into a form; here a wrong check digit is refused."""
    if not uscc:
        return _missing(not required, "uscc", "请填写统一社会信用代码，在营业执照右上方。")
    problem = uscc_problem(uscc)
    return None if problem is None else Problem(field="uscc", code=problem.code, message=problem.message)


def check_contact(*, name: str, phone: str, email: str, email_required: bool) -> list[Problem]:
    """Return what is wrong with a contact: a name, one readable phone number, an address that can be one."""
    found = [
        _missing(1 < len(name) <= 60, "name", "请填写联系人姓名（2 至 60 字）。"),
        _missing(bool(phone), "phone", "请填写联系电话。"),
        _missing(
            not phone or parse_phones(phone).value,
            "phone",
            "联系电话看不懂，请填 11 位手机号，或带区号的固定电话，如 0574-65550000。",
        ),
        check_email(email, required=email_required),
    ]
    return [problem for problem in found if problem is not None]


def check_email(email: str, *, required: bool) -> Problem | None:
    """Return what is wrong with a mail address."""
    if not email:
        return _missing(not required, "email", "请填写电子邮箱，登录时要用。")
    fits = len(email) <= 120 and _EMAIL.fullmatch(email) is not None
    return _missing(fits, "email", "电子邮箱格式不对，应类似 name@example.com。")


def check_password(password: str, *, about: Iterable[str] = (), field: str = "password") -> list[Problem]:
    """Return what is wrong with a new password: too short, among the commonest, or a word `about` its owner.

    No rule about kinds of characters: they make passwords worse, not better (OWASP ASVS 5.0, 6.2.5).
    """
    if len(password) < _SHORTEST_PASSWORD:
        message = f"密码至少 {_SHORTEST_PASSWORD} 位；用几个不相干的词连起来，又长又好记。"
        return [Problem(field=field, code="password_short", message=message)]
    if len(password) > _LONGEST_PASSWORD:
        message = f"密码最长 {_LONGEST_PASSWORD} 位，请缩短。"
        return [Problem(field=field, code="password_long", message=message)]
    own = {word.casefold() for word in about if len(word) >= 4}
    if password.casefold() in _COMMONEST or len(set(password)) < 3 or password.casefold() in own:
        message = "这个密码太常见，或与您的姓名、邮箱、电话相同，容易被猜到，请换一个。"
        return [Problem(field=field, code="password_common", message=message)]
    return []


def normal_email(email: str) -> str:
    """Return a mail address as it is stored and compared."""
    return re.sub(r"\s", "", email).replace("＠", "@").casefold()


def normal_phone(phone: str) -> str:
    """Return a field with one phone number as that number alone; several, or an extension, as typed."""
    numbers = parse_phones(phone).value or ()
    return numbers[0].number if len(numbers) == 1 and not numbers[0].extension else phone.strip()


def _missing(fine: object, field: str, message: str) -> Problem | None:
    return None if fine else Problem(field=field, code=f"{field}_missing", message=message)
