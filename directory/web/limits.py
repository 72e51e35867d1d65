"""Rate limits, by address and by network; counted in Redis where it is set, else in each process."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from directory.web.network import network_of
from directory.web.page_cache import is_public_page

limiter = Limiter(key_func=get_remote_address, headers_enabled=True, strategy="moving-window")
limiter.request_filter(is_public_page)  # they have no limit, and need not be looked up among those that have


def network() -> str:
    """Return the network that the request comes from, as what limits by network count; what is no address stands for itself."""
    address = get_remote_address()
    return network_of(address) or address
