"""The blueprint that modules of pages fill: `views`, `own`, `keyring` for everyone's own account, `managing` for others'."""

from flask import Blueprint, Response

bp = Blueprint("accounts", __name__)


@bp.after_request
def _keep_nothing(response: Response) -> Response:
    """Leave no page with an address, a secret or a link in any cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
