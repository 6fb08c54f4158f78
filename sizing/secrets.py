"""Secrets that a queue's jobs read: how they are named in AWS, and where a job finds them.

Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_secret (six characters
at the end of an ARN); https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Service = Literal["secretsmanager", "ssm"]
Way = Literal["environment", "file"]
"""How a job finds a secret."""
DIRECTORY: Final = "/etc/elastic-spark/secrets"
"""In drivers and executors: a file for each secret, of its name in the settings."""
NAME: Final = "[A-Za-z][A-Za-z0-9_.-]{0,62}"
"""Of a secret in the settings, and of its file."""
VARIABLE: Final = "[A-Za-z][A-Za-z0-9_]{0,62}"
"""Of a secret that comes as an environment variable, as every shell and language takes it."""
READ_BY_OTHERS: Final = (
    "CLASSPATH",
    "DEPLOY_MODE",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "HIVE_CONF_DIR",
    "HIVE_HOME",
    "HOME",
    "HOSTNAME",
    "IFS",
    "IPYTHON",
    "IPYTHON_OPTS",
    "LANG",
    "LANGUAGE",
    "LOCPATH",
    "LOGNAME",
    "MASTER",
    "OLDPWD",
    "OMP_NUM_THREADS",
    "OPENSSL_CONF",
    "PATH",
    "PWD",
    "R_HOME",
    "SCALA_HOME",
    "SHELL",
    "SHELLOPTS",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
)
"""Variables by which Spark, its entry point, the shell, the loader or a language do something."""
READ_BY_OTHERS_PREFIXES: Final = (
    "AWS_",
    "BASH",
    "HADOOP_",
    "JAVA_",
    "JDK_",
    "KUBERNETES_",
    "LC_",
    "LD_",
    "MALLOC_",
    "NSS_WRAPPER_",
    "PYSPARK_",
    "PYTHON",
    "SPARK_",
    "YARN_",
)
"""How more of them start. A JVM prints JAVA_TOOL_OPTIONS, by which a secret would be in the log."""
PREFIX: Final = "(?!aws(/|$))(?!(.*/)?[.][.]?(/|$))[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*"
"""Of secrets' and parameters' names; what is below `aws/` is AWS's own. `.` and `..` would be names as any other."""
_PLACE: Final = r"arn:(aws|aws-cn|aws-us-gov):({service}):([a-z]{{2}}(?:-[a-z]+)+-[0-9]):([0-9]{{12}}):"
_ARNS: Final = (
    re.compile(_PLACE.format(service="secretsmanager") + r"secret:([A-Za-z0-9/_+=.@-]{1,512})-[A-Za-z0-9]{6}"),
    re.compile(_PLACE.format(service="ssm") + r"parameter/([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)"),
)
ARN_LINE: Final = (
    rf"{NAME}=arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{{12}}:secret:[A-Za-z0-9/_+=.@-]+"
    r"|ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9/_.-]+)"
)
LINES: Final = rf"^({ARN_LINE}(\n{ARN_LINE})*)?$"
"""The annotations of a queue's namespace, as admission reads them: of files, and of variables."""


def read_by_others(variable: str) -> bool:
    """Whether an environment variable of this name would change what something else in the pod does."""
    return variable in READ_BY_OTHERS or variable.startswith(READ_BY_OTHERS_PREFIXES)


@dataclass(frozen=True)
class Secret:
    """A secret of Secrets Manager or a parameter of Systems Manager.

    Args:
        arn: its whole ARN; of a secret with AWS's six characters at the end.
        service: which of the two.
        partition: of AWS.
        region: in which it is.
        account: whose it is.
        name: its own name, without AWS's six characters and without a slash at the start.
    """

    arn: str
    service: Service
    partition: str
    region: str
    account: str
    name: str

    def below(self, prefix: str) -> bool:
        """Whether the name begins with a prefix and a slash: `ads/batch` is below `ads`, `ads2/batch` is not."""
        return self.name.startswith(f"{prefix}/")


def secret_of(arn: str) -> Secret:
    """A secret by its ARN.

    Raises:
        ValueError: it is no whole ARN of a secret or a parameter.
    """
    for pattern in _ARNS:
        if found := pattern.fullmatch(arn):
            partition, service, region, account, name = found.groups()
            kind: Service = "ssm" if service == "ssm" else "secretsmanager"
            return Secret(arn, kind, partition, region, account, name)
    raise ValueError(
        "the whole ARN of a secret, with the six characters that AWS put at its end, such as "
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ads/warehouse-a1B2c3, or of a parameter, such as "
        "arn:aws:ssm:eu-central-1:111122223333:parameter/ads/warehouse"
    )


def secret_lines(secrets: Mapping[str, str]) -> str:
    """Names and ARNs as the annotations of a queue's namespace have them: a line each, sorted."""
    return "\n".join(f"{name}={secrets[name]}" for name in sorted(secrets))
