"""Applications: requests to become a member, from the first draft to the decision."""
