"""For each module of `policies.rules` the rows on its rules, see `tests.policies.rows`."""
