"""What every page shares: forms, errors, headers, pages of a list, rate limits."""
