"""Who may do what to an application, and when: every rule of the desk as a function that raises."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from directory.accounts.models import Account, Role
from directory.applications.answers import part
from directory.applications.models import Application, Interest
from directory.applications.rules import require_consents
from directory.applications.states import MOVES, OPEN, Who
from directory.applications.vocab import Step, Visibility
from directory.errors import Conflict, Invalid, NotAllowed, WrongStatus
from directory.i18n.weight import text_weight
from directory.members.marks import website_domain
from directory.review.domains import is_same_house, mail_domain
from directory.review.vocab import MAY_WRITE, CheckItem, CheckResult, Recommendation, readable_notes

MESSAGE_MIN = 20
MESSAGE_MAX = 2000
NOTE_MAX = 4000
POINTS_AT_ONCE = 6
ANSWER_DAYS = 21
ANSWER_DAYS_MAX = 180
HOLD_DAYS_MAX = 365
PUBLIC_MAIL = frozenset(
    {"126.com", "163.com", "gmail.com", "gmx.de", "gmx.net", "hotmail.com", "icloud.com", "mail.ru", "outlook.com", "proton.me",
     "qq.com", "web.de", "yahoo.com", "yandex.ru"}
)  # fmt: skip
"""Mail providers of everybody: that two people use one of them says nothing about them."""

Guard = Callable[[], None]


def roles_as_who(account: Account) -> frozenset[Who]:
    """Return what the account is in the table of moves; administrators and auditors are nobody there."""
    names = {str(who) for who in Who}
    return frozenset(Who(str(role)) for role in account.roles if str(role) in names)


def may_write(account: Account) -> bool:
    """Say whether the account may write notes and take part in the work at all."""
    return bool(MAY_WRITE & account.roles)


def require_may_write(account: Account) -> None:
    """Raise NotAllowed unless the account takes part in the work."""
    if not may_write(account):
        raise NotAllowed("role")


def require_may_note(account: Account, visibility: Visibility) -> None:
    """Raise NotAllowed unless the account takes part in the work and may itself read such a note."""
    require_may_write(account)
    if visibility not in readable_notes(account.roles):
        raise NotAllowed("role")


def may_assign(account: Account, to: Account | None) -> bool:
    """Say whether the account may give work to `to`: anybody of the work to themselves, coordinators to all."""
    return may_write(account) and (Role.COORDINATOR in account.roles or (to is not None and to.id == account.id))


def require_may_assign(account: Account, to: Account | None) -> None:
    """Raise NotAllowed where `may_assign` says no, Invalid where `to` takes no part in the work."""
    if not may_assign(account, to):
        raise NotAllowed("role")
    if to is not None and (to.disabled_at is not None or not may_write(to)):
        raise Invalid("assignee", "not staff")


def require_may_be_given(application: Application, to: Account | None) -> None:
    """Raise WrongStatus for what is no longer open, NotAllowed where something binds `to` to the organisation."""
    require_open(application, "assign")
    if to is not None:
        require_no_interest(application, to)


def require_open(application: Application, deed: str) -> None:
    """Raise WrongStatus where nobody works on the application any more. deed: what was to be done."""
    if application.state not in OPEN:
        raise WrongStatus(str(application.state), deed)


def interest_of(application: Application, account: Account) -> bool:
    """Say whether something binds the account to the organisation: it said so, or its address is of the applicant's house."""
    if any(row.account_id == account.id and row.stands for row in application.interests):
        return True
    own = mail_domain(account.email)
    theirs = {mail_domain(application.email), website_domain(part(application.sent_answers, Step.ORGANISATION).get("website"))}
    return bool(own) and any(is_same_house(own, domain) for domain in theirs - {""} - PUBLIC_MAIL)


def may_lift(interest: Interest, account: Account) -> bool:
    """Say whether the account may let an interest count no longer: another person's that stands, as a coordinator."""
    return interest.stands and interest.account_id != account.id and Role.COORDINATOR in account.roles


def require_no_interest(application: Application, account: Account) -> None:
    """Raise NotAllowed for whoever is bound to the organisation: they make no move, and decide nothing."""
    if interest_of(application, account):
        raise NotAllowed("interest")


def require_checklist(checklist: Mapping[CheckItem, CheckResult], recommendation: Recommendation) -> None:
    """Raise Invalid for the first item that keeps an approval from being recommended: not looked at, or not in order."""
    if recommendation is Recommendation.APPROVE:
        for item in CheckItem:
            if checklist.get(item, CheckResult.DOUBT) is CheckResult.DOUBT:
                raise Invalid(item, "doubt" if item in checklist else "missing")


def require_seen(application: Application, seen_version: int) -> None:
    """Raise Conflict where the application is no longer as the clerk saw it."""
    if application.version != seen_version:
        raise Conflict(f"version {application.version}, seen {seen_version}")


def require_move(application: Application, name: str, account: Account) -> None:
    """Raise WrongStatus where the table has no such move from here, NotAllowed where the role may not make it."""
    move = MOVES[name]
    if application.state not in move.sources:
        raise WrongStatus(str(application.state), name)
    if not move.who & roles_as_who(account):
        raise NotAllowed("role")


def require_second_person(application: Application, account: Account) -> None:
    """Raise NotAllowed for whoever recommended: another person decides."""
    if application.recommended_by_id is not None and application.recommended_by_id == account.id:
        raise NotAllowed("second_person")


def require_not_sponsor(application: Application, account: Account) -> None:
    """Raise NotAllowed for staff of the member that introduced the applicant, told by the domain of their address."""
    own = mail_domain(account.email)
    if own and any(is_same_house(own, theirs) for theirs in sponsor_domains(application)):
        raise NotAllowed("not_sponsor")


def require_to_come(day: date, *, today: date) -> None:
    """Raise Invalid for the end of a time on hold that is not to come, or further away than HOLD_DAYS_MAX."""
    if not today < day <= today + timedelta(days=HOLD_DAYS_MAX):
        raise Invalid("until", "range")


def require_answer_by(day: date, *, today: date) -> None:
    """Raise Invalid for a day that is over, or further away than ANSWER_DAYS_MAX."""
    if not today < day <= today + timedelta(days=ANSWER_DAYS_MAX):
        raise Invalid("answer_by", "range")


def require_points(number: int) -> None:
    """Raise Invalid unless something is asked, and no more than fits one letter."""
    if not 1 <= number <= POINTS_AT_ONCE:
        raise Invalid("points", "number")


def require_message(message: str) -> None:
    """Raise Invalid unless the reason that the applicant will read is long enough to be one."""
    if not (text_weight(message) >= MESSAGE_MIN and len(message) <= MESSAGE_MAX):
        raise Invalid("message", "length")


def decision_guards(application: Application, account: Account, *, second_person: bool) -> Mapping[str, Guard]:
    """Return the guards that the table names for a decision. second_person: whether that rule is on (a setting)."""
    return {
        "no_interest": lambda: require_no_interest(application, account),
        "second_person": (lambda: require_second_person(application, account)) if second_person else _free,
        "not_sponsor": lambda: require_not_sponsor(application, account),
    }


def require_may_decide(application: Application, name: str, account: Account, *, second_person: bool) -> Mapping[str, Guard]:
    """Raise what keeps `account` from this decision, by state, role or rule; return the rules as guards of the move."""
    require_move(application, name, account)
    guards = dict(decision_guards(application, account, second_person=second_person))
    if name == "approve":
        guards["consents_stand"] = lambda: require_consents(application)
    for guard in guards.values():
        guard()
    return guards


def possible_moves(application: Application, account: Account) -> tuple[str, ...]:
    """Name the moves that the table allows this account from here, in the table's order.

    None where nothing is left to move, and for whoever something binds to the organisation.
    """
    if application.reduced_at is not None or interest_of(application, account):
        return ()
    who = roles_as_who(account)
    return tuple(name for name, move in MOVES.items() if application.state in move.sources and move.who & who)


def why_not_decide(application: Application, account: Account, *, second_person: bool) -> str:
    """Return the code of the rule that keeps this account from deciding, or nothing."""
    for guard in decision_guards(application, account, second_person=second_person).values():
        try:
            guard()
        except NotAllowed as refusal:
            return refusal.reason
    return ""


def sponsor_domains(application: Application) -> frozenset[str]:
    """Return the domains that the sponsor's people write from, as far as the entry tells."""
    sponsor = application.sponsor
    if sponsor is None:
        return frozenset()
    contact = mail_domain(sponsor.contact.email) if sponsor.contact and sponsor.contact.email else ""
    return frozenset({website_domain(sponsor.website), contact} - {""} - PUBLIC_MAIL)


def _free() -> None:
    """Refuse nobody."""
