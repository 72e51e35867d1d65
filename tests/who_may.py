"""Who reaches which address of the desk: written down once by hand, so that a slip in a decorator shows."""

from directory.accounts.models import Role

R, A, C, U, M = Role.REVIEWER, Role.APPROVER, Role.COORDINATOR, Role.AUDITOR, Role.ADMINISTRATOR
ALL = frozenset(Role)
READ = frozenset({R, A, C, U})
WRITE = frozenset({R, A, C})
CHECK = frozenset({R, C})
CHANGE = frozenset({A, C})
MANAGE = frozenset({M})
CASE, ENTRY, OWN = "/staff/applications/<reference>", "/staff/members/<slug>", "/staff/account"
TEXT, SUBJECT = "/staff/letters/<kind>/<tag>", "/staff/settings/<subject>"

WHO_MAY = {
    "/staff/": ALL,
    "/staff/applications/": READ,
    CASE: READ,
    f"{CASE}/documents/<public_id>": READ,
    f"{CASE}/take": CHECK,
    f"{CASE}/assign": WRITE,
    f"{CASE}/note": WRITE,
    f"{CASE}/hold": CHECK,
    f"{CASE}/resume": CHECK,
    f"{CASE}/recommend": CHECK,
    f"{CASE}/changes": CHECK,
    f"{CASE}/mark_duplicate": CHECK,
    f"{CASE}/send_back": CHANGE,
    f"{CASE}/decision": frozenset({A}),
    f"{CASE}/put_aside_as_spam": frozenset({C}),
    f"{CASE}/reopen": frozenset({C}),
    f"{CASE}/revive": frozenset({C}),
    f"{CASE}/interest": WRITE,
    f"{CASE}/interest/<public_id>/lift": frozenset({C}),
    "/staff/applications/together": WRITE,
    "/staff/members/": READ,
    ENTRY: READ,
    f"{ENTRY}/confirm": CHANGE,
    f"{ENTRY}/suspend": CHANGE,
    f"{ENTRY}/restore": CHANGE,
    f"{ENTRY}/correct": CHANGE,
    f"{ENTRY}/notices/<public_id>": CHANGE,
    "/staff/figures": ALL,
    "/staff/figures/<name>.csv": ALL,
    "/staff/outbox": frozenset({C, U, M}),
    "/staff/outbox/<public_id>/resend": frozenset({C, M}),
    "/staff/letters/": MANAGE,
    TEXT: MANAGE,
    f"{TEXT}/save": MANAGE,
    f"{TEXT}/built-in": MANAGE,
    "/staff/settings/": frozenset({U, M}),
    SUBJECT: frozenset({U, M}),
    f"{SUBJECT}/edit": MANAGE,
    f"{SUBJECT}/add": MANAGE,
    f"{SUBJECT}/terms/<slug>": MANAGE,
    f"{SUBJECT}/terms/<slug>/move": MANAGE,
    f"{SUBJECT}/history": frozenset({U, M}),
    f"{SUBJECT}/history/<int:number>": frozenset({U, M}),
    f"{SUBJECT}/history/<int:number>/take-up": MANAGE,
    "/staff/audit": frozenset({U, M}),
    "/staff/audit.csv": frozenset({U, M}),
    "/staff/accounts/": MANAGE,
    "/staff/accounts/<public_id>": MANAGE,
    "/staff/accounts/<public_id>/reset": MANAGE,
    "/staff/accounts/<public_id>/disable": MANAGE,
    "/staff/accounts/<public_id>/enable": MANAGE,
    OWN: ALL,
    f"{OWN}/sessions/<public_id>/end": ALL,
    f"{OWN}/recovery-codes": ALL,
    f"{OWN}/authenticator": ALL,
    f"{OWN}/passkeys": ALL,
    f"{OWN}/passkeys/new": ALL,
    f"{OWN}/passkeys/make": ALL,
    f"{OWN}/passkeys/use": ALL,
    f"{OWN}/passkeys/<public_id>": ALL,
    f"{OWN}/passkeys/<public_id>/remove": ALL,
}
"""{address without the locale: roles}"""

CONFIRMED = {
    f"{CASE}/decision",
    f"{TEXT}/save",
    f"{TEXT}/built-in",
    f"{SUBJECT}/edit",
    f"{SUBJECT}/add",
    f"{SUBJECT}/terms/<slug>",
    f"{SUBJECT}/terms/<slug>/move",
    f"{SUBJECT}/history/<int:number>/take-up",
    "/staff/accounts/",
    "/staff/accounts/<public_id>",
    "/staff/accounts/<public_id>/reset",
    "/staff/accounts/<public_id>/disable",
    "/staff/accounts/<public_id>/enable",
    f"{OWN}/recovery-codes",
    f"{OWN}/authenticator",
    f"{OWN}/passkeys",
    f"{OWN}/passkeys/new",
    f"{OWN}/passkeys/<public_id>/remove",
}
"""Addresses that want password and code, or a passkey, again."""
