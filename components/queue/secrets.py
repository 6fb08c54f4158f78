"""How a queue's secrets come into its pods: an init container reads them by the queue's role, into memory of the pod.

They are in no object of Kubernetes, no setting of Spark and no argument; each pod reads them once, when it starts.
"""

from __future__ import annotations

from typing import Final

from sizing.secrets import DIRECTORY

FETCHER: Final = "elastic-spark-secrets"
"""The init container and the volume."""
LINES: Final = "SECRETS"
"""The variable of the init container that names the secrets, as the namespace's annotation does."""
PLACE: Final = "SECRETS_DIRECTORY"
ENVIRONMENT: Final = {
    PLACE: DIRECTORY,
    "AWS_PAGER": "",
    # The queue's role or none: never the node's.
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_RETRY_MODE": "standard",
    "AWS_MAX_ATTEMPTS": "10",
    "HOME": "/tmp",  # noqa: S108  of the container, which nobody shares
}
USER: Final = 65534
ATTEMPTS: Final = 5
"""The agent of EKS Pod Identity on a node that has just come may refuse a first call."""
REQUESTS: Final = {"cpu": "100m", "memory": "128Mi"}
LIMITS: Final = {"memory": "256Mi"}
"""Both are below what any driver or executor has, before which it runs: the pod requests no more by it."""
VOLUME_SIZE: Final = "8Mi"
"""Secrets Manager keeps 64 KiB a secret, Systems Manager 8."""
SCRIPT: Final = f"""\
umask 022
cd "${PLACE}"
read_secret() {{
  attempt=1
  until value=$("$@"); do
    if [ "$attempt" -ge {ATTEMPTS} ]; then return 1; fi
    sleep "$attempt"
    attempt=$((attempt + 1))
  done
}}
printf '%s\\n' "${LINES}" | while IFS='=' read -r name arn; do
  rest=${{arn#arn:*:*:}}
  region=${{rest%%:*}}
  case $arn in
    arn:*:secretsmanager:*)
      read_secret aws secretsmanager get-secret-value --region "$region" --secret-id "$arn" \\
        --query "join('', [SecretString])" --output text ;;
    arn:*:ssm:*)
      read_secret aws ssm get-parameter --region "$region" --name "/${{arn#*:parameter/}}" --with-decryption \\
        --query "join('', [Parameter.Value])" --output text ;;
    *) echo "$arn is no ARN of a secret" >&2; false ;;
  esac || {{ echo "the secret $name could not be read" >&2; exit 1; }}
  printf '%s' "$value" > "$name"
done
"""
"""In POSIX shell. A value is in a variable and a file only; bytes, which have no text to join, are refused."""
