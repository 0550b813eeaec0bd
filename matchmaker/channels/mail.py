"""Electronic mail over SMTP."""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate, parseaddr

from matchmaker.errors import ChannelError
from matchmaker.settings import Mail

# Worth another try although 5xx: some servers answer a full mailbox or a busy hour this way.
_PASSING_5XX = frozenset({552})
_SIGN_IN_FIRST = 530  # nothing is wrong with the letter: once the settings are right it goes out
_WORD_BYTES = 45
_MATCH = "请核对 mail.port 与 mail.security 是否配套（465 用 tls，587 用 starttls，25 用 none）"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one address; `key` makes its Message-ID, so that a repeated one can be told."""

    key: str
    address: str
    subject: str
    body: str
    html: str = ""
    calendar: bytes | None = None


class Connection:
    """An open SMTP connection."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises ChannelError, permanent when no retry can help."""
        try:
            content = compose(letter, sender=self._sender)
            self._smtp.sendmail(parseaddr(self._sender)[1], [letter.address], content)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refused(code, words) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelError(f"与邮件服务器的连接中断：{error}", permanent=False) from error
        except ValueError as error:
            raise ChannelError(f"邮件地址无法使用：{error}", permanent=True) from error


def _refused(code: int, words: bytes | str) -> ChannelError:
    if code == _SIGN_IN_FIRST:
        message = "邮件服务器要求先登录，而设置里没有账号：请管理员填写 mail.user 和 mail.password。"
        return ChannelError(message, permanent=False)
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    permanent = 500 <= code < 600 and code not in _PASSING_5XX
    return ChannelError(f"邮件服务器答复 {code}：{text}", permanent=permanent)


@contextmanager
def connect(mail: Mail) -> Iterator[Connection]:
    """Open a connection as the settings say. Raises ChannelError when the server cannot be reached."""
    try:
        smtp = _open(mail)
    except smtplib.SMTPAuthenticationError as error:
        raise ChannelError("邮件服务器不接受设置里的账号或密码，请管理员核对。", permanent=False) from error
    except (OSError, smtplib.SMTPException) as error:
        message = f"连不上邮件服务器 {mail.host}:{mail.port}：{_why(error)}"
        raise ChannelError(message, permanent=False) from error
    try:
        yield Connection(smtp, mail.sender)
    finally:
        _close(smtp)


def _why(error: Exception) -> str:
    """Say what kept the connection from being made, and what an administrator can do."""
    words = next((words for kind, words in _KEPT_FROM if isinstance(error, kind)), "")
    return words.format(reason=getattr(error, "verify_message", "")) if words else str(error)


# the first that fits: some are kinds of others
_KEPT_FROM: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "证书不能验证（{reason}）。请核对 mail.host 与证书上的名字一致、证书没有过期；"
        "单位自己签发的证书要先加到这台电脑信任的证书里。",
    ),
    (ssl.SSLError, f"建不起加密连接。{_MATCH}。"),
    (smtplib.SMTPNotSupportedError, f"它不支持设置里的加密或登录方式。{_MATCH}。"),
    (ConnectionRefusedError, "这个端口没有开放。请核对 mail.port，或请网络管理员放行。"),
    (socket.gaierror, "找不到这台服务器。请核对 mail.host 的写法和本机的域名解析。"),
    (TimeoutError, f"没有应答。{_MATCH}，网络是否通。"),
    (smtplib.SMTPServerDisconnected, f"没有应答。{_MATCH}，网络是否通。"),
)


def _open(mail: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=mail.timeout_seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_seconds)
    try:
        if mail.security == "starttls":
            smtp.starttls(context=context)
        if mail.user:
            smtp.login(mail.user, mail.password)
    except (OSError, smtplib.SMTPException):
        smtp.close()
        raise
    return smtp


def _close(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        smtp.close()


def compose(letter: Letter, *, sender: str) -> str:
    """Return the letter as it goes over the wire; the calendar goes twice, inline and attached."""
    alternative = MIMEMultipart("alternative")
    alternative.attach(MIMEText(letter.body, "plain", "utf-8"))
    if letter.html:
        alternative.attach(MIMEText(letter.html, "html", "utf-8"))
    if letter.calendar:
        alternative.attach(_calendar_part(letter.calendar))
    message = MIMEMultipart("mixed")
    message.attach(alternative)
    if letter.calendar:
        message.attach(_attachment(letter.calendar))
    name, address = parseaddr(sender)
    message["From"] = f"{encoded_words(name)} <{address}>" if name else address
    message["To"] = one_line(letter.address)
    message["Subject"] = encoded_words(letter.subject)
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.key}@{address.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    return message.as_string()


def _calendar_part(calendar: bytes) -> MIMEText:
    part = MIMEText(calendar.decode("utf-8"), "calendar", "utf-8")
    # Mail programs go by this word, not by the same one inside.
    method = re.search(rb"^METHOD:(\w+)", calendar, re.MULTILINE)
    part.set_param("method", method[1].decode() if method else "PUBLISH")
    return part


def _attachment(calendar: bytes) -> MIMEBase:
    part = MIMEBase("application", "ics", name="invite.ics")
    part.set_payload(base64.encodebytes(calendar).decode("ascii"))
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return part


def one_line(text: str) -> str:
    """Return a header value on one line: a line break in a name must not start a new header."""
    return " ".join(text.split())


def encoded_words(text: str) -> str:
    """Return a header value as RFC 2047 words, split between characters.

    The standard library's new e-mail classes lose or add blanks in some subjects, so the words are
    made here.
    """
    text = one_line(text)
    if text.isascii():
        return text
    words, word = [], b""
    for character in text:
        code = character.encode("utf-8", "replace")
        if len(word) + len(code) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += code
    words.append(word)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(part).decode('ascii')}?=" for part in words)
