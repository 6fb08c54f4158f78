"""How a queue's secrets come into its pods: an init container reads them by the queue's role, into memory of the pod.

They are in no object of Kubernetes, no setting of Spark and no argument; each pod reads them once, when it starts.
Of those that are to be environment variables the kubelet reads a file each, which no other container sees, when it
makes a container (`fileKeyRef`, the feature `EnvFiles`: beta and on since Kubernetes 1.35).

Source: kubernetes v1.36.3, pkg/kubelet/util/env/env_util.go and pkg/kubelet/kubelet_pods.go, where what is empty is an
error: a value is in single quotes, holds none, and loses a carriage return before a newline.
"""

from __future__ import annotations

from typing import Final

from sizing.secrets import DIRECTORY

FETCHER: Final = "elastic-spark-secrets"
"""The init container and the volume of files."""
VARIABLES: Final = "elastic-spark-variables"
"""The volume of what the kubelet makes variables of."""
LINES: Final = "SECRETS"
"""The variable of the init container that names the secrets that are files, as the namespace's annotation does."""
VARIABLE_LINES: Final = "VARIABLES"
"""The same of those that are variables."""
PLACE: Final = "SECRETS_DIRECTORY"
VARIABLES_PLACE: Final = "VARIABLES_DIRECTORY"
VARIABLES_DIRECTORY: Final = "/etc/elastic-spark/variables"
"""In the init container."""
LONGEST_VARIABLE: Final = 32 * 1024
"""Bytes. The kubelet reads lines of less than 64 KiB (Go's `bufio.Scanner`)."""
ENVIRONMENT: Final = {
    PLACE: DIRECTORY,
    VARIABLES_PLACE: VARIABLES_DIRECTORY,
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
VALUE: Final = (
    f"these are 1 to {LONGEST_VARIABLE} printable characters of ASCII, tabs and newlines, without single quotes"
)
"""What is not ASCII, a JVM in a container without a locale reads as replacement characters."""
SCRIPT: Final = f"""\
umask 022
read_secret() {{
  attempt=1
  until value=$("$@"); do
    if [ "$attempt" -ge {ATTEMPTS} ]; then return 1; fi
    sleep "$attempt"
    attempt=$((attempt + 1))
  done
}}
put_file() {{
  printf '%s' "$value" > "${PLACE}/$name"
}}
put_variable() {{
  others=$(printf '%s' "$value" | LC_ALL=C tr -d '\\11\\12\\40-\\46\\50-\\176' | wc -c)
  if [ -z "$value" ] || [ "$others" -gt 0 ] || [ "${{#value}}" -gt {LONGEST_VARIABLE} ]; then
    echo "the secret $name can't be an environment variable: {VALUE}; have it as a file" >&2
    exit 1
  fi
  printf "%s='%s'\\n" "$name" "$value" > "${VARIABLES_PLACE}/$name"
}}
put_each() {{
  printf '%s\\n' "$2" | while IFS='=' read -r name arn; do
    if [ -z "$name" ]; then continue; fi
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
    "$1"
  done
}}
put_each put_file "${LINES}"
put_each put_variable "${VARIABLE_LINES}"
"""
"""In POSIX shell. A value is in shell variables and files only; bytes, which have no text to join, are refused."""
