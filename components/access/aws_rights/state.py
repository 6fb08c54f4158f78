"""What Pulumi does in the bucket of its states, and with the key of their secrets."""

from __future__ import annotations

from collections.abc import Iterator

from components.access.aws_rights.keys import keys
from components.access.aws_rights.scope import Scope, StateStore
from components.access.iam import Statement

PROJECT = "elastic-spark"
"""As in Pulumi.yaml; the bucket's layout has a folder for it."""


def state_statements(scope: Scope) -> Iterator[Statement]:
    """Read what a stack and those that it refers to have, and write the stack's own; nothing where nobody says where.

    Source: pulumi/pulumi, pkg/backend/diy (stackPath, historyDirectory, backupDirectory, stackLockDir): below
    `.pulumi/`, `stacks`, `history` and `backups` have `<project>/<stack>`, and `locks` has `organization` before it;
    stack_tags.go (stackTagsPath), which every preview and update reads.
    """
    if scope.state is None:
        return
    store, bucket = scope.state, scope.arns.bucket(scope.state.bucket)
    own = [f"{bucket}/{path}" for path in own_paths(store)]
    others = [f"{bucket}/.pulumi/stacks/{PROJECT}/{stack}.json" for stack in sorted(store.read)]
    yield Statement(
        sid="ReadState", actions=("s3:GetObject",), resources=[f"{bucket}/.pulumi/meta.yaml", *own, *others]
    )
    yield Statement(
        sid="StateNames",
        actions=("s3:ListBucket",),
        resources=(bucket,),
        # Who may list a bucket is told that an object isn't there, and others that they may not read it: Pulumi looks
        # for what most stacks don't have, and such a request names no prefix.
        conditions={"StringLikeIfExists": {"s3:prefix": [".pulumi/*", ""]}},
    )
    if store.write:
        yield Statement(sid="WriteState", actions=("s3:DeleteObject", "s3:PutObject"), resources=own)
    if store.key_alias:
        yield Statement(
            sid="StateKey",
            actions=("kms:Decrypt", "kms:Encrypt") if store.write else ("kms:Decrypt",),
            resources=(keys(scope.arns),),
            conditions={"ForAnyValue:StringEquals": {"kms:ResourceAliases": store.key_alias}},
        )


def own_paths(store: StateStore) -> list[str]:
    """What the bucket has of the stack itself; a name that continues another's is not among them."""
    return [
        f".pulumi/stacks/{PROJECT}/{store.stack}.json*",
        f".pulumi/stacks/{PROJECT}/{store.stack}.pulumi-tags",
        *(f".pulumi/{folder}/{PROJECT}/{store.stack}/*" for folder in ("backups", "history")),
        f".pulumi/locks/organization/{PROJECT}/{store.stack}/*",
    ]
