"""Where an application would have Kubernetes write a secret that is an environment variable: refused when submitted.

Kubernetes puts a variable's value in the place of `$(NAME)` in arguments, commands and other variables of a container,
and Spark shows its arguments, and settings that came by variables, on its pages and in its event log.

Source: kubernetes v1.36, pkg/kubelet/container/helpers.go (ExpandContainerCommandAndArgs); apache/spark 4.0,
deploy/k8s/features/BasicExecutorFeatureStep.scala, where an executor's options are variables
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import found_rule, of_roles
from components.admission.application_variables import listed
from components.admission.pod_variables import of_namespace
from components.admission.policy import AdmissionRule, Variable
from sizing import names

VARIABLE_NAMES: Final = (
    f"{of_namespace(names.VARIABLES_ANNOTATION)}.split('\\n').filter(line, line != '').map(line, line.split('=')[0])"
)
"""A CEL expression: the environment variables that a queue's secrets are."""
MESSAGE: Final = (
    "Kubernetes would put a secret of the queue in the place of $(NAME), and what a job is started with is on Spark's "
    "pages: the program itself reads the variable"
)


def written(texts: str) -> str:
    """Those of a list of texts, a CEL expression, in which a secret would be written."""
    return f"({texts}).filter(text, variables.secret_names.exists(name, text.contains('$(' + name + ')')))"


def texts_of(containers: str) -> str:
    """What Kubernetes fills variables into, of a list of containers: a CEL expression."""
    variables = f"{listed('c.?env')}.map(e, e.?value.orValue(''))"
    return f"({containers}).map(c, {listed('c.?command')} + {listed('c.?args')} + {variables}).flatten()"


_OF_ROLE: Final = (
    f"{texts_of('variables.<role>_containers')} + {listed('variables.<role>.?env')}.map(e, e.?value.orValue('')) "
    "+ [variables.<role>.?javaOptions.orValue('')] "
    "+ variables.<role>.?envVars.orValue({}).map(key, string(variables.<role>.envVars[key]))"
)
_OF_ALL: Final = f"{listed('variables.spec.?arguments')} + variables.conf.map(key, string(variables.conf[key]))"
SECRET_VARIABLES: Final = (Variable("secret_names", VARIABLE_NAMES),)
SECRET_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule("application-secret-texts", f"{written(_OF_ALL)} + {written(of_roles(_OF_ROLE))}", MESSAGE),
)
