"""A login at the company's identity provider (OpenID Connect), of which the door and the cluster take the ID token.

`issuers` finds out what a provider offers, `browser` and `device` are the two ways in, `tokens` checks what comes of
it, `store` keeps it, and `logins` renews and ends it. It takes the extra `[login]`.
"""
