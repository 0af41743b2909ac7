"""Hand one mail to the mail server or provider, and say in plain words what stood in the way."""

import smtplib
import ssl

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from bookings.mail_message import Letter
from bookings.rules.deliveries import GiveUp, TryLater

#: Answers of a provider's API that are about us or the moment, not about this mail.
_PASSING_STATUSES = {401, 403, 408, 409, 425, 429}


def send(letter: Letter) -> None:
    """Send over a connection of its own. Raises TryLater, GiveUp, each with its cause in the active language."""
    try:
        _send(letter)
    except smtplib.SMTPRecipientsRefused as refused:
        code, answer = next(iter(refused.recipients.values()))
        _refuse(
            code,
            _("The mail server refused this address: %(answer)s") % {"answer": _words(code, answer)},
            refused,
        )
    except smtplib.SMTPDataError as refused:
        _refuse(
            refused.smtp_code,
            _("The mail server refused this mail: %(answer)s")
            % {"answer": _words(refused.smtp_code, refused.smtp_error)},
            refused,
        )
    except smtplib.SMTPAuthenticationError as error:
        raise TryLater(_("The mail server did not accept our sign-in.")) from error
    except smtplib.SMTPResponseException as error:
        # Greeting, HELO and sender are about the hub and its settings, so the next try may well succeed.
        raise TryLater(
            _("The mail server answered: %(answer)s") % {"answer": _words(error.smtp_code, error.smtp_error)}
        ) from error
    except smtplib.SMTPException as error:
        # smtplib reports a time-out inside a conversation as a connection that was closed.
        if isinstance(error.__context__, TimeoutError):
            raise TryLater(_("The mail server did not answer in time.")) from error
        raise TryLater(_("The connection to the mail server broke off.")) from error
    except AnymailAPIError as error:
        _judge_provider(error)
    except AnymailConfigurationError as error:
        raise TryLater(_("The mail provider is not set up completely.")) from error
    except TimeoutError as error:
        raise TryLater(_("The mail server did not answer in time.")) from error
    except ssl.SSLError as error:
        raise TryLater(_("No secure connection to the mail server could be made.")) from error
    except OSError as error:
        raise TryLater(_("The mail server could not be reached.")) from error


def _send(letter: Letter) -> None:
    letter.connection = get_connection(fail_silently=False)
    try:
        try:
            letter.send()
        except AnymailUnsupportedFeature:
            if not letter.calendar:
                raise
            letter.carry_as_file()
            letter.send()
    except (AnymailRecipientsRefused, AnymailInvalidAddress) as refused:
        raise GiveUp(_("The mail provider refused this address.")) from refused
    except ValueError as error:
        # BadHeaderError, UnicodeError, or an address that Django cannot write: found before anything was sent.
        raise GiveUp(_("This mail can't be written: its address or a name in it is not valid.")) from error


def _refuse(code: int, sentence: str, cause: Exception) -> None:
    """A 5xx is the server's last word about this mail, a 4xx is not (RFC 5321 §4.2.1)."""
    raise (GiveUp if code >= 500 else TryLater)(sentence) from cause


def _judge_provider(error: AnymailAPIError) -> None:
    status = error.status_code or 0
    if 400 <= status < 500 and status not in _PASSING_STATUSES:
        raise GiveUp(_("The mail provider refused this mail (%(status)d).") % {"status": status}) from error
    raise TryLater(_("The mail provider could not take this mail just now.")) from error


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", errors="replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(f"{code} {text}".split())[:160]
